# shellcheck shell=bash
# Packages of the machine (installed), and a private apt root (only downloaded and unpacked).
# Needs output.sh.

# package_installed NAME
package_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# as_root COMMAND...: as root, or with sudo for this one step.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        fail "'$*' needs root, and sudo is not there: run it as root, then start again"
    fi
}

# ensure_packages NAME...: installs what is missing; one line says what. Does nothing when all are there.
ensure_packages() {
    local name missing=()
    for name in "$@"; do
        package_installed "$name" || missing+=("$name")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    command -v apt-get >/dev/null \
        || fail "these packages are missing and apt-get is not there, install them by hand: ${missing[*]}"
    say "installing with apt: ${missing[*]}"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends)
    # A simulation tells whether the package lists know the names; a stale list shows only when fetching.
    if apt-get install -s -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 \
        && as_root "${install[@]}" "${missing[@]}" >/dev/null 2>&1; then
        return 0
    fi
    say "refreshing the package lists"
    as_root apt-get update -qq >/dev/null || say "apt-get update reported errors, going on with what it got"
    as_root "${install[@]}" "${missing[@]}" >/dev/null \
        || fail "apt could not install: ${missing[*]} (see the lines above)"
}

# debian_codename: the suite of this machine, such as bookworm.
debian_codename() {
    # shellcheck source=/dev/null
    (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-unknown}")
}

# private_apt_sources FOLDER: writes the machine's own Debian sources into FOLDER, and beside them the same mirror's
# backports suite. Both forms of apt sources are understood; no mirror is named here.
private_apt_sources() {
    local folder=$1 codename file
    codename=$(debian_codename)
    mkdir -p "$folder"
    rm -f "$folder"/*
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [[ -s $file ]] || continue
        case $file in
            *.sources)
                # A stanza of this release, once as it is; the first main one again with its suite replaced.
                awk -v RS= -v suite="$codename" '
                    $0 !~ "(^|\n)Types:[^\n]*deb" { next }
                    $0 !~ "(^|\n)Suites:[^\n]*[ \t]" suite "([ \t/-]|\n|$)" { next }
                    { print $0 "\n" }' "$file" >>"$folder/release.sources"
                awk -v RS= -v suite="$codename" '
                    done || $0 !~ "(^|\n)Suites:[ \t]*" suite "([ \t]|\n|$)" { next }
                    {
                        done = 1
                        lines = split($0, line, "\n")
                        for (i = 1; i <= lines; i++)
                            print (line[i] ~ /^Suites:/ ? "Suites: " suite "-backports" : line[i])
                    }' "$file" >"$folder/backports.new"
                if [[ -s $folder/backports.new && ! -e $folder/backports.sources && ! -e $folder/backports.list ]]; then
                    mv "$folder/backports.new" "$folder/backports.sources"
                fi
                rm -f "$folder/backports.new"
                ;;
            *)
                grep -E "^deb[[:space:]].*[[:space:]]${codename}([-/][a-z]+)*[[:space:]]" "$file" \
                    >>"$folder/release.list" || true
                if [[ ! -e $folder/backports.sources && ! -e $folder/backports.list ]]; then
                    sed -nE "s/^(deb[[:space:]].*[[:space:]])${codename}([[:space:]])/\1${codename}-backports\2/p" "$file" \
                        | head -n 1 >"$folder/backports.new"
                    [[ -s $folder/backports.new ]] && mv "$folder/backports.new" "$folder/backports.list"
                    rm -f "$folder/backports.new"
                fi
                ;;
        esac
    done
    find "$folder" -type f -empty -delete
    [[ -e $folder/release.sources || -e $folder/release.list ]] \
        || fail "no apt source for '$codename' in /etc/apt: the guests' kernels come from a Debian mirror"
}

# private_apt ROOT TOOL ARGUMENT...: runs apt-get or apt-cache on the private root. Reads the machine's dpkg status
# (to know which libraries are there already), changes nothing outside ROOT, needs no root.
private_apt() {
    local root=$1 tool=$2
    shift 2
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
    "$tool" \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$root/sources" \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State::lists="$root/lists" -o Dir::Cache="$root/cache" \
        -o Dir::State::extended_states="$root/extended_states" \
        -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=1 \
        -o APT::Update::Post-Invoke-Success::= -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# private_apt_update ROOT: fetches the lists; without backports when those cannot be reached.
private_apt_update() {
    local root=$1
    private_apt_sources "$root/sources"
    say "fetching package lists into ${root##*/} (the machine's own mirror and its backports suite)"
    if private_apt "$root" apt-get update -qq --error-on=any >"$root/update.log" 2>&1; then
        return 0
    fi
    say "the backports suite could not be read, going on without it"
    rm -f "$root"/sources/backports.*
    private_apt "$root" apt-get update -qq >"$root/update.log" 2>&1 \
        || fail "package lists could not be fetched, see $root/update.log"
}

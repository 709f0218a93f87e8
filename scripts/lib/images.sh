# shellcheck shell=bash disable=SC2154 # the variables named below are the caller's
# Guest kernels, their modules, busybox and a newer QEMU, unpacked into the cache folder.
# Needs output.sh and packages.sh, and the variables cache (the folder) and apt_root.

# What a guest loads, in this order, each after what it depends on. Names that a kernel has built in are passed over.
guest_modules=(
    virtio_pci virtio_mmio virtio_console virtio_blk virtio_balloon qemu_fw_cfg
    vsock vmw_vsock_virtio_transport vsock_loopback
    nls_cp437 nls_ascii nls_iso8859-1 vfat
)

# download PACKAGE: fetches one package file into the cache and prints its path.
download() {
    local package=$1 folder="$cache/packages" file
    mkdir -p "$folder"
    say "downloading $package"
    (cd "$folder" && private_apt "$apt_root" apt-get download -qq "$package" >>"$apt_root/download.log" 2>&1) \
        || return 1
    file=$(find "$folder" -name "${package%%=*}_*.deb" -newer "$apt_root/started" -print -quit)
    [[ -n $file ]] || file=$(find "$folder" -name "${package%%=*}_*.deb" -print -quit)
    say "  ${file##*/}: $(human "$(stat -c %s "$file")")"
    printf '%s\n' "$file"
}

# newest_kernel PATTERN: the newest package whose name matches the extended pattern.
newest_kernel() {
    private_apt "$apt_root" apt-cache pkgnames linux-image-6 | grep -E "^linux-image-$1\$" | sort -V | tail -n 1
}

# module_file TREE NAME: the module's file; the kernel takes - and _ for the same in names.
module_file() {
    local pattern=${2//[-_]/[-_]}
    find "$1" \( -name "$pattern.ko" -o -name "$pattern.ko.xz" -o -name "$pattern.ko.zst" \) -print -quit
}

# add_module TREE FOLDER NAME: unpacks the module and, before it, what it depends on; appends to FOLDER/order.
add_module() {
    local tree=$1 folder=$2 name=${3//-/_} file needs need
    [[ -e $folder/$name.ko ]] && return 0
    file=$(module_file "$tree" "$name")
    [[ -n $file ]] || return 0
    case $file in
        *.xz) xz -dc "$file" >"$folder/$name.ko" ;;
        *.zst) zstd -dqc "$file" >"$folder/$name.ko" ;;
        *) cp "$file" "$folder/$name.ko" ;;
    esac
    needs=$(tr '\0' '\n' <"$folder/$name.ko" | sed -n 's/^depends=//p' | head -n 1)
    for need in ${needs//,/ }; do
        add_module "$tree" "$folder" "$need"
    done
    printf '%s\n' "$name.ko" >>"$folder/order"
}

# fetch_kernel ROW PACKAGE: makes $cache/kernel-ROW with vmlinuz, release, config and modules/.
fetch_kernel() {
    local row=$1 package=$2 folder="$cache/kernel-$1" deb tree name
    deb=$(download "$package") || return 1
    tree=$(mktemp -d "$cache/unpack.XXXXXX")
    dpkg-deb -x "$deb" "$tree"
    rm -rf "$folder.new" "$folder"
    mkdir -p "$folder.new/modules"
    cp "$tree"/boot/vmlinuz-* "$folder.new/vmlinuz"
    cp "$tree"/boot/config-* "$folder.new/config"
    printf '%s\n' "${package#linux-image-}" >"$folder.new/release"
    : >"$folder.new/modules/order"
    for name in "${guest_modules[@]}"; do
        add_module "$tree" "$folder.new/modules" "$name"
    done
    mv "$folder.new" "$folder"
    rm -rf "$tree" "$deb"
    say "kernel $row: ${package#linux-image-}, $(wc -l <"$folder/modules/order") modules"
}

# fetch_busybox: makes $cache/busybox.
fetch_busybox() {
    local deb tree
    deb=$(download busybox-static) || fail "busybox-static could not be downloaded, see $apt_root/download.log"
    tree=$(mktemp -d "$cache/unpack.XXXXXX")
    dpkg-deb -x "$deb" "$tree"
    cp "$tree/bin/busybox" "$cache/busybox.new" 2>/dev/null || cp "$tree/usr/bin/busybox" "$cache/busybox.new"
    mv "$cache/busybox.new" "$cache/busybox"
    rm -rf "$tree" "$deb"
}

# fetch_qemu FOLDER: unpacks the backports' QEMU, its firmware and the libraries that the machine misses.
# Returns 1, with a line that says why, when there is none.
fetch_qemu() {
    local folder=$1 version suite deb count=0
    suite="$(debian_codename)-backports"
    version=$(private_apt "$apt_root" apt-cache madison qemu-system-x86 2>/dev/null \
        | awk -F'|' -v suite="$suite/" 'index($3, suite) { gsub(/ /, "", $2); print $2; exit }')
    if [[ -z $version ]]; then
        say "QEMU 10.0: the suite $suite does not offer it here"
        return 1
    fi
    say "downloading QEMU $version with its firmware and the libraries that this machine misses"
    rm -f "$apt_root"/cache/archives/*.deb
    if ! private_apt "$apt_root" apt-get -t "$suite" install -y -qq --download-only --reinstall \
        --no-install-recommends qemu-system-x86 qemu-system-common qemu-system-data seabios ipxe-qemu \
        >>"$apt_root/download.log" 2>&1; then
        say "QEMU 10.0 could not be downloaded, see $apt_root/download.log"
        return 1
    fi
    rm -rf "$folder.new" "$folder"
    mkdir -p "$folder.new/bin"
    for deb in "$apt_root"/cache/archives/*.deb; do
        dpkg-deb -x "$deb" "$folder.new/root"
        count=$((count + 1))
    done
    say "  $count packages: $(human "$(cat "$apt_root"/cache/archives/*.deb | wc -c)")"
    rm -f "$apt_root"/cache/archives/*.deb
    write_qemu_wrapper "$folder.new/bin/qemu-system-x86_64"
    mv "$folder.new" "$folder"
    if ! "$folder/bin/qemu-system-x86_64" --version >&2; then
        say "QEMU 10.0 does not run on this machine"
        rm -rf "$folder"
        return 1
    fi
}

# write_qemu_wrapper FILE: a command that finds libraries, modules and firmware beside itself, wherever it is moved.
write_qemu_wrapper() {
    cat >"$1" <<'WRAPPER'
#!/bin/bash
root=$(cd "$(dirname "$(readlink -f "$0")")/../root" && pwd)
libraries=$(printf '%s:' "$root"/usr/lib/x86_64-linux-gnu "$root"/lib/x86_64-linux-gnu)
pulse="$root/usr/lib/x86_64-linux-gnu/pulseaudio"
LD_LIBRARY_PATH="$libraries$pulse${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" \
    exec "$root/usr/bin/qemu-system-x86_64" \
    -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -L "$root/usr/lib/ipxe/qemu" "$@"
WRAPPER
    chmod 755 "$1"
}

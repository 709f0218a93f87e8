# shellcheck shell=bash disable=SC2154 # the variables named below are the caller's
# The disk of the test guests that run systemd: a scratch Debian with a package installed, and what lets a test in.
# Needs output.sh and packages.sh, and the variables cache (the folder) and repository.

# build_disk BUILD PACKAGE: prints the image's path; builds it when the package or the tools have changed.
build_disk() {
    local build=$1 package=$2 key image work root
    [[ -x $build/guest-tool ]] || fail "$build/guest-tool is missing: run swift build first"
    [[ -s $package ]] || fail "$package is missing: run scripts/deb first"
    [[ $EUID -eq 0 ]] || fail "a root file system can only be made by root: start as root or with sudo"
    key=$(cat "$repository/scripts/lib/disk.sh" "$package" "$build/guest-tool" | sha256sum | cut -c 1-16)
    image="$cache/disk/$key.ext4"
    if [[ ! -s $image ]]; then
        ensure_packages e2fsprogs
        mkdir -p "$cache/disk"
        work=$(mktemp -d "$cache/disk.XXXXXX")
        root="$work/root"
        "$repository/scripts/package-root" "$root" >&2
        cp "$package" "$root/root/package.deb"
        # The mount is the namespace's and ends with it.
        # shellcheck disable=SC2016 # the inner shell expands these
        unshare --mount bash -ec 'mount -t proc proc "$1/proc"; exec chroot "$1" dpkg -i /root/package.deb' - "$root" >&2
        rm -rf "$root/root/package.deb" "$root"/usr/share/{doc,locale,man,info} "$root"/var/cache/apt "$root/var/log/"*
        install_tool "$root" "$build/guest-tool"
        install_kit "$root"
        mke2fs -q -t ext4 -d "$root" -m 0 "$image.new" 700M >&2
        mv "$image.new" "$image"
        rm -rf --one-file-system "$work"
        find "$cache/disk" -name '*.ext4' -mmin +1440 -delete
    fi
    touch "$image"
    printf '%s\n' "$image"
}

# install_tool ROOT PROGRAM: the program and the libraries that the root lacks (Swift links some to C programs too).
install_tool() {
    local root=$1 program=$2 library
    install -m 755 "$program" "$root/usr/bin/"
    while read -r library; do
        [[ -e $root/usr/lib/x86_64-linux-gnu/${library##*/} ]] \
            || install -m 644 "$library" "$root/usr/lib/x86_64-linux-gnu/"
    done < <(ldd "$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }')
}

# install_kit ROOT: the service through which tests run scripts. The package's own files stay as they are.
install_kit() {
    local root=$1
    cat >"$root/usr/lib/ballast-kit-setup" <<'SCRIPT'
#!/bin/sh
# What the host hands over through fw_cfg: the agent's configuration where it has one, and a script.
given() { cat "/sys/firmware/qemu_fw_cfg/by_name/opt/ballast/$1/raw" 2>/dev/null; }
if given agent.toml | grep -qv '^# *$'; then given agent.toml >/etc/ballast/agent.toml; fi
given setup.sh >/run/ballast-kit-setup.sh
sh /run/ballast-kit-setup.sh
SCRIPT
    chmod 755 "$root/usr/lib/ballast-kit-setup"
    cat >"$root/etc/systemd/system/ballast-kit-setup.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target systemd-udev-trigger.service

[Service]
Type=oneshot
ExecStart=/usr/lib/ballast-kit-setup

[Install]
WantedBy=sysinit.target
UNIT
    cat >"$root/etc/systemd/system/ballast-kit.service" <<'UNIT'
[Unit]
After=basic.target

[Service]
ExecStart=/usr/bin/guest-tool testd org.ballast.test.0
OOMScoreAdjust=-1000
KillMode=process

[Install]
WantedBy=multi-user.target
UNIT
    chroot "$root" systemctl --quiet enable ballast-kit-setup.service ballast-kit.service
    printf '/dev/vda / ext4 rw 0 0\n' >"$root/etc/fstab"
    printf 'ballast-guest\n' >"$root/etc/hostname"
    # Nothing of this is looked at by a test, and each takes seconds under emulation.
    chroot "$root" systemctl --quiet mask getty@tty1.service serial-getty@ttyS0.service \
        systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
        fstrim.timer systemd-firstboot.service
}

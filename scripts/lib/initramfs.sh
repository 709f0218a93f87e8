# shellcheck shell=bash disable=SC2154 # the variables named below are the caller's
# The initramfs of the test guests: busybox, guest-tool, ballast-agent, the kernel's modules and an init.
# Needs output.sh, and the variables cache (the folder) and repository.

# copy_program SOURCE STAGE TARGET: the program without its debug information, and the libraries it loads.
copy_program() {
    local source=$1 stage=$2 target=$3 library
    copy_stripped "$source" "$stage/$target" 755
    while read -r library; do
        [[ -e $stage/lib/x86_64-linux-gnu/${library##*/} ]] && continue
        copy_stripped "$library" "$stage/lib/x86_64-linux-gnu/${library##*/}" 755
    done < <(ldd "$source" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }')
}

# copy_stripped SOURCE TARGET MODE
copy_stripped() {
    cp -L "$1" "$2"
    chmod "$3" "$2"
    strip --strip-debug "$2" 2>/dev/null || true
}

# initramfs_key ROW BUILD: a hash over everything that goes into the image.
initramfs_key() {
    local row=$1 build=$2 program
    {
        cat "$repository/scripts/lib/guest-init" "$repository/scripts/lib/initramfs.sh" "$cache/kernel-$row/release"
        for program in guest-tool ballast-agent; do
            # Of the libraries path, size and time will do: they change with the toolchain only.
            ldd "$build/$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | xargs stat -L -c '%n %s %Y'
            sha256sum <"$build/$program"
        done
    } | sha256sum | cut -c 1-16
}

# build_initramfs ROW BUILD: prints the image's path; builds it when the programs or the init have changed.
build_initramfs() {
    local row=$1 build=$2 stage key image name
    [[ -s $cache/kernel-$row/vmlinuz ]] || fail "row $row is not in $cache: run scripts/guest-images"
    for name in guest-tool ballast-agent; do
        [[ -x $build/$name ]] || fail "$build/$name is missing: run swift build first"
    done
    key=$(initramfs_key "$row" "$build")
    image="$cache/initramfs/$row-$key.cpio"
    if [[ ! -s $image ]]; then
        mkdir -p "$cache/initramfs"
        stage=$(mktemp -d "$cache/stage.XXXXXX")
        chmod 755 "$stage"
        mkdir -p "$stage"/{bin,sbin,dev,proc,sys,run,tmp,etc/ballast,lib/x86_64-linux-gnu,lib64,modules,root,var/log}
        cp "$cache/busybox" "$stage/bin/busybox"
        for name in sh mount mkdir cat sleep insmod ln; do
            ln -s busybox "$stage/bin/$name"
        done
        cp "$repository/scripts/lib/guest-init" "$stage/init"
        chmod 755 "$stage/init"
        cp "$cache/kernel-$row/modules/"* "$stage/modules/"
        copy_program "$build/guest-tool" "$stage" bin/guest-tool
        copy_program "$build/ballast-agent" "$stage" bin/ballast-agent
        cp -L /lib64/ld-linux-x86-64.so.2 "$stage/lib64/"
        printf 'root:x:0:0:root:/root:/bin/sh\n' >"$stage/etc/passwd"
        printf 'root:x:0:\n' >"$stage/etc/group"
        # Sorted and without times, so that the same input gives the same image.
        find "$stage" -exec touch -h -d @0 {} +
        (cd "$stage" && find . -print0 | LC_ALL=C sort -z \
            | cpio --null --quiet --create --format=newc --owner=0:0 --reproducible) >"$image.new"
        mv "$image.new" "$image"
        rm -rf "$stage"
        # Images of earlier builds pile up otherwise; a guest that is booting has read its own already.
        find "$cache/initramfs" -name '*.cpio' -mmin +1440 -delete
    fi
    touch "$image"
    printf '%s\n' "$image"
}

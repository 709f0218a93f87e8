# shellcheck shell=bash
# What every build with the Swift toolchain needs. Needs output.sh and packages.sh, and to be in the
# repository.

# Packages of the machine that any build needs: linker and C++ headers for the toolchain, libsystemd and libudev.
# shellcheck disable=SC2034 # used by the scripts that source this file
build_packages=(binutils g++ libc6-dev ca-certificates pkg-config libsystemd-dev libudev-dev)

# Where Swift sources live, for the formatter.
# shellcheck disable=SC2034
swift_paths=(Package.swift Sources host-side Tests Benchmarks)

# require_machine: refuses what Ballast cannot be built for.
require_machine() {
    [[ $(uname -s) == Linux ]] || fail "Ballast runs on Linux, and this is $(uname -s)"
    [[ $(uname -m) == x86_64 ]] || fail "Ballast is built for x86-64 only, and this machine is $(uname -m)"
}

# require_swift: the toolchain is the one thing that apt does not bring.
require_swift() {
    local version
    command -v swift >/dev/null \
        || fail "swift is not in PATH: unpack a Swift 6.2 or newer toolchain and put its usr/bin first in PATH"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    [[ -n $version ]] || fail "'swift --version' names no version: is the toolchain complete?"
    [[ $(printf '%s\n6.2\n' "$version" | sort -V | head -n 1) == 6.2 ]] \
        || fail "Swift $version is too old: 6.2 or newer is needed"
}

# build_release PRODUCT...: optimised, with the Swift runtime inside the binary.
build_release() {
    local product
    for product in "$@"; do
        say "building $product (release)"
        swift build -c release --static-swift-stdlib --product "$product" >&2
    done
}

# release_folder: where build_release leaves the binaries.
release_folder() {
    swift build -c release --static-swift-stdlib --show-bin-path
}

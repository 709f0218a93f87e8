#!/bin/sh
# A guest that Ballast can look after, started with plain QEMU. Adjust the first lines.
#
# 1. A QMP socket of its own (ballast.qmp): a QMP socket serves one client at a time. If you or a management program
#    use QMP too, give each its own -qmp, as here.
# 2. RAM that is shared and file-backed (memfd, share=on): Ballast discards what the guest gave back from that file.
#    With private RAM the agent balloon is refused and virtio-balloon is used instead. What shared RAM costs:
#      - KSM does not merge it.
#      - Transparent huge pages need /sys/kernel/mm/transparent_hugepage/shmem_enabled set to "advise" or "always"
#        ("advise" goes with -machine ...,mem-merge=off and QEMU's default of advising huge pages).
#      - Migration and savevm read every page, and so fill the holes again; Ballast offers them anew afterwards.
# 3. A virtio-serial port named org.ballast.agent.0, the agent's channel. Its unix socket serves one client: the
#    daemon.
# 4. virtio-balloon as the actuator of second choice, for guests without an agent or while the agent balloon is
#    refused (VFIO devices, for one, forbid it). free-page-reporting is not needed.
# Not compatible with the agent balloon: -overcommit mem-lock=on, -device vfio-*, vhost-user devices other than
# virtiofsd and vsock, confidential guests.
set -eu

name=web1
size=4G
disk=/var/lib/ballast-example/$name.qcow2
run=/run/ballast

mkdir -p "$run"
exec qemu-system-x86_64 \
    -name "$name" \
    -machine q35,accel=kvm,memory-backend=ram0 \
    -cpu host -smp 4 -m "$size" \
    -object "memory-backend-memfd,id=ram0,size=$size,share=on" \
    -qmp "unix:$run/$name.qmp,server=on,wait=off" \
    -device virtio-serial-pci \
    -chardev "socket,id=ballast,path=$run/$name.agent,server=on,wait=off" \
    -device virtserialport,chardev=ballast,name=org.ballast.agent.0 \
    -device virtio-balloon-pci,deflate-on-oom=on \
    -drive "file=$disk,if=virtio" \
    -display none -serial mon:stdio

import Glibc
import Linux

guard let options = DeviceOptions(Array(CommandLine.arguments.dropFirst())) else {
    _ = unsafe DeviceOptions.usage.withCString { unsafe write(2, $0, strlen($0)) }
    exit(64)
}
do {
    let device = try VsockDevice(options)
    say("ready")
    try device.run()
} catch {
    say("\(error)")
    exit(1)
}

// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 language mode with the upcoming features that make imports and
/// existentials explicit.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Targets that call the kernel mark every unsafe expression.
let systemCalls: [SwiftSetting] = strict + [.strictMemorySafety()]

/// Page-sized inner loops (checksums, stamps, range lists), and what is read and judged before each step of the balloon,
/// stay optimised in debug builds, where the fail points live: else the tests would measure the compiler.
let hot: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "ballast",
    products: [
        .executable(name: "ballast-agent", targets: ["ballast-agent"]),
        .executable(name: "ballast-host", targets: ["ballast-host"]),
        .executable(name: "ballastctl", targets: ["ballastctl"]),
    ],
    traits: [
        .trait(name: "Systemd", description: "Readiness, watchdog, journal and holder scopes through libsystemd."),
        .trait(name: "Udev", description: "Finding the virtio-serial port and its hot-plug through libudev."),
        .default(enabledTraits: ["Systemd", "Udev"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    targets: [
        // What both sides share, and the guest side. No Foundation here.
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"]), .yum(["systemd-devel"])]),
        .systemLibrary(
            name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"]), .yum(["systemd-devel"])]),
        .target(
            name: "Linux",
            dependencies: [
                "CLinux",
                .target(name: "CSystemd", condition: .when(traits: ["Systemd"])),
                .target(name: "CUdev", condition: .when(traits: ["Udev"])),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: systemCalls),
        .target(name: "Wire", exclude: ["ballast.proto"], swiftSettings: strict + hot),
        .target(
            name: "Sensors", dependencies: ["Linux", "Wire", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: systemCalls + hot),
        .target(name: "Governor", dependencies: ["Wire"], swiftSettings: strict + hot),
        .target(
            name: "Balloon",
            dependencies: [
                "CLinux", "Linux", "Wire", "Governor", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: systemCalls + hot),
        .target(
            name: "Agent",
            dependencies: [
                "Balloon", "Governor", "Linux", "Sensors", "Wire",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: systemCalls),
        .executableTarget(
            name: "ballast-agent",
            dependencies: ["Agent", "Balloon", "Linux", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: systemCalls,
            // Nobody loads the program as a library: without the table of its symbols it is half a megabyte
            // smaller.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))]),

        // The host side.
        .target(
            name: "Hypervisor",
            dependencies: [
                "CLinux", "Linux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "host-side/Hypervisor", swiftSettings: systemCalls),
        .target(
            name: "GuestMemory",
            dependencies: [
                "CLinux", "Linux", "Wire",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "host-side/GuestMemory", swiftSettings: systemCalls + hot),
        .target(
            name: "HostAPI",
            dependencies: [
                "Wire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "host-side/HostAPI", swiftSettings: strict),
        .target(
            name: "Controller",
            dependencies: [
                "GuestMemory", "HostAPI", "Hypervisor", "Linux", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
                "TOMLKit",
            ],
            path: "host-side/Controller", swiftSettings: strict),
        .executableTarget(
            name: "ballast-host",
            dependencies: [
                "Controller", "HostAPI", "Linux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "host-side/ballast-host", swiftSettings: strict),
        .executableTarget(
            name: "ballastctl",
            dependencies: [
                "HostAPI", "Linux", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),

        // Tests mirror the sources; EndToEnd boots real guests with the kit.
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "CLinux"], swiftSettings: systemCalls),
        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
        .testTarget(
            name: "SensorsTests", dependencies: ["AllocationCounter", "Sensors"], swiftSettings: strict),
        .testTarget(name: "GovernorTests", dependencies: ["Governor"], swiftSettings: strict),
        .testTarget(
            name: "BalloonTests",
            dependencies: ["AllocationCounter", "Balloon", "Governor", "PageEviction", "Sensors"],
            swiftSettings: systemCalls),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(name: "PageEviction", path: "Tests/PageEviction", cSettings: [.define("_GNU_SOURCE")]),
        .testTarget(name: "AgentTests", dependencies: ["Agent"], swiftSettings: systemCalls),
        .testTarget(
            name: "HypervisorTests",
            dependencies: ["Hypervisor", "Linux", .product(name: "SystemPackage", package: "swift-system")],
            exclude: ["Fixtures"], swiftSettings: systemCalls),
        .testTarget(
            name: "GuestMemoryTests",
            dependencies: ["GuestMemory", "Wire", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: systemCalls),
        .target(
            name: "TestSupport", dependencies: [.product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "ControllerTests",
            dependencies: [
                "Controller", "HostAPI", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HostAPITests",
            dependencies: [
                "ballast-host", "ballastctl", "Controller", "HostAPI", "Linux", "TestSupport", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "guest-tool", path: "Tests/GuestTools",
            cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "VsockModel", path: "Tests/VsockModel", swiftSettings: systemCalls + hot),
        .executableTarget(
            name: "vsock-device",
            dependencies: ["Linux", "VsockModel", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/VsockDevice", swiftSettings: systemCalls + hot),
        .testTarget(name: "VsockModelTests", dependencies: ["VsockModel"], swiftSettings: systemCalls),
        .target(
            name: "TestKit", dependencies: ["HostAPI", "Hypervisor", "Linux", "Wire"], path: "Tests/TestKit",
            swiftSettings: strict),
        .executableTarget(
            name: "ballast-demo", dependencies: ["TestKit", "HostAPI"], path: "Tests/Demo", swiftSettings: strict),
        .executableTarget(
            name: "ballast-bench",
            dependencies: [
                "TestKit", "Balloon", "HostAPI", "Linux", "Wire",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks", swiftSettings: strict),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "TestKit", "Controller", "GuestMemory", "HostAPI", "Hypervisor", "Linux", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
    ]
)

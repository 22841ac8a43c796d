// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every Swift target is compiled the same way: Swift 6 mode, imports that stay private, existentials that say so.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// The supervisor and `--init` start in under a millisecond only when nothing is linked at run time.
let staticExecutable: [LinkerSetting] = [.unsafeFlags(["-static-executable"])]

let package = Package(
    name: "dsh",
    products: [
        .executable(name: "dsh", targets: ["dsh"]),
        .executable(name: "dsh-monitor", targets: ["dsh-monitor"]),
        .executable(name: "dsh-init", targets: ["dsh-init"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Mains.
        .executableTarget(
            name: "dsh", dependencies: ["Shell", "Interpreter", "Commands", "LocalEngine", "Engine", "Terminal"],
            swiftSettings: strict),
        .executableTarget(
            name: "dsh-monitor", dependencies: ["Monitor"],
            swiftSettings: strict + [.unsafeFlags(["-static-executable"])], linkerSettings: staticExecutable),
        .executableTarget(
            name: "dsh-init", dependencies: ["Linux"],
            swiftSettings: strict + [.unsafeFlags(["-static-executable"])], linkerSettings: staticExecutable),

        // Front ends.
        .target(
            name: "Shell",
            dependencies: ["Interpreter", "Commands", "ShellLanguage", "Engine", "Terminal", "CEditLine"],
            swiftSettings: strict),
        .target(
            name: "Interpreter", dependencies: ["Commands", "ShellLanguage", "Engine", "Terminal", "CLinux"],
            swiftSettings: strict),
        .target(
            name: "Commands",
            dependencies: [
                "Engine", "DockerAPI", "Terminal", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(name: "Terminal", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "ShellLanguage", swiftSettings: strict),

        // The contract.
        .target(name: "Engine", swiftSettings: strict),
        .target(name: "DockerAPI", dependencies: ["Engine"], swiftSettings: strict),

        // This machine.
        .target(
            name: "LocalEngine",
            dependencies: [
                "Engine", "Dockerfile", "Content", "Archive", "OCI", "MonitorProtocol", "Linux", "CNftables",
                "CSeccomp", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict, plugins: ["Starters"]),
        .target(
            name: "Content", dependencies: ["OCI", "Linux", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "Archive", dependencies: ["Linux", "CISAL", "CZstd"], swiftSettings: strict),
        .target(name: "Dockerfile", dependencies: ["OCI"], swiftSettings: strict),
        .target(name: "OCI", swiftSettings: strict),
        .target(name: "Monitor", dependencies: ["MonitorProtocol", "Linux"], swiftSettings: strict),
        .target(name: "MonitorProtocol", dependencies: ["Linux"], swiftSettings: strict),
        .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: strict),
        .plugin(name: "Starters", capability: .buildTool()),

        // C: headers and variadic wrappers only.
        .target(name: "CLinux"),
        .target(name: "CEditLine", linkerSettings: [.linkedLibrary("edit")]),
        .target(name: "CISAL", linkerSettings: [.linkedLibrary("isal")]),
        .target(name: "CZstd", linkerSettings: [.linkedLibrary("zstd")]),
        .target(name: "CSeccomp", linkerSettings: [.linkedLibrary("seccomp")]),
        // Loaded when rules change, not linked: it brings seven libraries, 0.7 ms of every start.
        .target(name: "CNftables"),

        // Tests.
        .target(name: "CTestSupport", path: "Tests/CSupport"),
        .target(
            name: "TestSupport", dependencies: ["Linux", "Engine", "LocalEngine", "CLinux", "CTestSupport"],
            path: "Tests/Support", swiftSettings: strict),
        .executableTarget(
            name: "editor-probe", dependencies: ["Shell", "Commands", "Engine", "Terminal"], path: "Tests/EditorProbe",
            swiftSettings: strict),
        // What a container's program can do by itself, tried from inside: it runs in any image.
        .executableTarget(
            name: "probe", path: "Tests/Probe", linkerSettings: [.unsafeFlags(["-static-executable"])]),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "MonitorTests", dependencies: ["Monitor", "MonitorProtocol", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "DockerfileTests", dependencies: ["Dockerfile"], swiftSettings: strict),
        .testTarget(name: "OCITests", dependencies: ["OCI"], swiftSettings: strict),
        .testTarget(name: "ArchiveTests", dependencies: ["Archive", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ContentTests", dependencies: ["Content", "OCI", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "EngineTests", dependencies: ["Engine"], swiftSettings: strict),
        .testTarget(name: "DockerAPITests", dependencies: ["DockerAPI", "Engine"], swiftSettings: strict),
        .testTarget(
            name: "LocalEngineTests",
            dependencies: [
                "LocalEngine", "Engine", "OCI", "Content", "Archive", "MonitorProtocol", "Monitor", "Linux",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: strict),
        .testTarget(name: "ShellLanguageTests", dependencies: ["ShellLanguage"], swiftSettings: strict),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "Commands", "Engine", "Terminal", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "InterpreterTests",
            dependencies: ["Interpreter", "Commands", "ShellLanguage", "Engine", "Terminal", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ShellTests",
            dependencies: ["Shell", "Commands", "Engine", "Terminal", "TestSupport", "editor-probe"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultTests", dependencies: ["Engine", "LocalEngine", "Monitor", "Linux", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Archive", "Dockerfile", "Linux", "LocalEngine", "MonitorProtocol", "OCI", "ShellLanguage", "Engine",
                "TestSupport",
            ],
            exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "ContractTests", dependencies: ["Engine", "LocalEngine", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ScenarioTests", dependencies: ["Engine", "LocalEngine", "Linux", "TestSupport", "probe"],
            exclude: ["Docker"],
            swiftSettings: strict),
        .testTarget(
            name: "CrossBuildTests", dependencies: ["TestSupport"], exclude: ["Cases", "flatten.py"],
            swiftSettings: strict),
    ]
)

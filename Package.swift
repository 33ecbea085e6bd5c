// swift-tools-version: 6.3
import PackageDescription

// Every Swift target is checked alike: memory safety spelt out, no warning left standing.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// The module's side of the house compiles twice: normally for the tests, the daemon and the
// command, and, with this trait, as Embedded Swift into pam_gatehouse.so.
let moduleSide =
  strict + [
    .enableExperimentalFeature("Lifetimes"),
    .enableExperimentalFeature("Embedded", .when(traits: ["EmbeddedModule"])),
  ]

let swiftSystem: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "gatehouse",
  products: [
    .library(name: "pam_gatehouse", type: .dynamic, targets: ["PAMGatehouse"]),
    .executable(name: "gatehoused", targets: ["gatehoused"]),
    .executable(name: "gatehouse", targets: ["gatehouse"]),
    .executable(name: "gatehouse-fetch", targets: ["gatehouse-fetch"]),
    // For Tests/Fuzz, which is a package of its own. Nothing else may depend on it.
    .library(
      name: "GatehouseInternals",
      targets: [
        "GatehouseChange", "GatehouseClient", "GatehouseControl", "GatehouseDaemon",
        "GatehouseDoors", "GatehouseFeeds", "GatehouseFetch", "GatehouseGuard", "GatehouseImport",
        "GatehouseJournal", "GatehouseJSON", "GatehouseNotify", "GatehousePAM",
        "GatehousePolicy", "GatehouseRecord", "GatehouseReport", "GatehouseSSHConfig",
        "GatehouseState", "GatehouseSystem", "GatehouseWire", "PAMGatehouse", "PAMKit",
      ]),
  ],
  traits: [
    .trait(
      name: "EmbeddedModule",
      description: "Build the PAM module's targets as Embedded Swift, without a runtime or a heap."),
    .default(enabledTraits: []),
  ],
  dependencies: [
    // One version, so that everybody builds the same.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Errno, FileDescriptor and Stat: errno saved at once, calls repeated after a signal, no
    // Foundation. Exact, because every system call of the daemon goes through it.
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    // C libraries, and what Swift cannot import of them.
    .systemLibrary(name: "CPAM", pkgConfig: "pam", providers: [.apt(["libpam0g-dev"])]),
    // What `gatehouse pam test` uses of it, to run a stack as a program does.
    .systemLibrary(name: "CPAMHost", pkgConfig: "pam", providers: [.apt(["libpam0g-dev"])]),
    .systemLibrary(name: "CPosix"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
    // Of gatehouse-fetch alone.
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CMaxMindDB", pkgConfig: "libmaxminddb", providers: [.apt(["libmaxminddb-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),

    // The module's side.
    .target(name: "GatehouseWire", swiftSettings: moduleSide),
    .target(
      name: "GatehouseSystem", dependencies: ["CPosix", "GatehouseWire"], swiftSettings: moduleSide),
    .target(
      name: "GatehouseClient", dependencies: ["GatehouseWire", "GatehouseSystem"],
      swiftSettings: moduleSide),
    .target(
      name: "PAMGatehouse",
      dependencies: ["CPAM", "GatehouseClient", "GatehouseSystem", "GatehouseWire"],
      swiftSettings: moduleSide),

    // The daemon's side.
    .target(
      name: "GatehousePlatform",
      dependencies: [
        "CPosix", "CSystemd", swiftSystem,
      ],
      swiftSettings: strict),
    .target(
      name: "GatehousePolicy",
      dependencies: [
        "CYAML", "CMessageDigest", "GatehousePlatform", "GatehouseWire", swiftSystem,
      ],
      swiftSettings: strict),
    .target(
      name: "GatehouseState", dependencies: ["GatehousePlatform", "GatehousePolicy", swiftSystem],
      swiftSettings: strict),
    .target(
      name: "GatehouseIdentity",
      dependencies: ["CPosix", "GatehousePlatform", "GatehousePolicy", "GatehouseWire"],
      swiftSettings: strict),
    .target(
      name: "GatehouseFit",
      dependencies: ["GatehouseIdentity", "GatehousePAM", "GatehousePlatform", "GatehousePolicy"],
      swiftSettings: strict),
    .target(
      name: "GatehouseImport",
      dependencies: ["GatehousePolicy", "GatehouseSSHConfig", "GatehouseWire"],
      swiftSettings: strict),
    .target(name: "GatehousePAM", swiftSettings: strict),
    .target(name: "GatehouseSSHConfig", swiftSettings: strict),
    .target(
      name: "GatehouseDoors",
      dependencies: [
        "GatehouseClient", "GatehousePAM", "GatehousePlatform", "GatehousePolicy",
        "GatehouseSSHConfig", "GatehouseWire",
      ],
      swiftSettings: strict),
    .target(
      name: "GatehouseJournal", dependencies: ["CSystemd", "GatehousePolicy"],
      swiftSettings: strict),
    .target(
      name: "GatehouseNotify",
      dependencies: [
        "GatehouseControl", "GatehouseJournal", "GatehousePlatform", "GatehousePolicy",
        "GatehouseState",
      ],
      swiftSettings: strict),
    .target(
      name: "GatehouseControl", dependencies: ["GatehousePolicy", "GatehouseWire"],
      exclude: ["PROTOCOL.md"], swiftSettings: strict),
    .target(
      name: "GatehouseRecord",
      dependencies: ["GatehouseControl", "GatehousePolicy", "GatehouseState"],
      swiftSettings: strict),
    .target(
      name: "GatehouseGuard",
      dependencies: [
        "GatehouseClient", "GatehouseControl", "GatehouseDoors", "GatehouseIdentity",
        "GatehousePlatform", "GatehousePolicy", "GatehouseRecord", "GatehouseState",
        "GatehouseWire", swiftSystem,
      ],
      swiftSettings: strict),
    .target(name: "GatehouseJSON", swiftSettings: strict),
    .target(
      name: "GatehouseFeeds",
      dependencies: ["GatehousePlatform", "GatehousePolicy", "GatehouseState"],
      swiftSettings: strict),
    .target(
      name: "GatehouseFetch",
      dependencies: [
        "CCurl", "CMaxMindDB", "CSodium", "GatehouseFeeds", "GatehouseJSON", "GatehousePlatform",
        "GatehousePolicy",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "gatehouse-fetch",
      dependencies: ["GatehouseFeeds", "GatehouseFetch", "GatehousePlatform"],
      swiftSettings: strict),
    .target(
      name: "GatehouseReport",
      dependencies: [
        "GatehouseControl", "GatehouseDoors", "GatehouseJSON", "GatehouseJournal",
        "GatehouseNotify",
        "GatehousePAM", "GatehousePlatform", "GatehousePolicy",
      ],
      swiftSettings: strict),
    .target(
      name: "GatehouseChange",
      dependencies: [
        "GatehouseControl", "GatehousePlatform", "GatehousePolicy", "GatehouseState", swiftSystem,
      ],
      swiftSettings: strict),
    .target(
      name: "GatehouseDaemon",
      dependencies: [
        "CSystemd", "GatehouseControl", "GatehouseFit", "GatehouseGuard", "GatehouseIdentity",
        "GatehouseJournal",
        "GatehousePlatform", "GatehousePolicy", "GatehouseRecord", "GatehouseState",
        "GatehouseWire", swiftSystem,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "gatehoused", dependencies: ["GatehouseDaemon", "GatehousePlatform"],
      swiftSettings: strict),
    .executableTarget(
      name: "gatehouse",
      dependencies: [
        "CPAMHost", "GatehouseChange", "GatehouseClient", "GatehouseControl", "GatehouseDoors",
        "GatehouseFeeds", "GatehouseFit", "GatehouseGuard", "GatehouseIdentity",
        "GatehouseImport", "GatehouseJournal", "GatehouseJSON", "GatehouseNotify",
        "GatehousePAM", "GatehousePlatform", "GatehousePolicy", "GatehouseRecord",
        "GatehouseReport", "GatehouseState",
        "GatehouseSSHConfig", "GatehouseSystem", "GatehouseWire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), swiftSystem,
      ],
      swiftSettings: strict),

    // Tests.
    .target(
      name: "TestKit",
      dependencies: ["CPosix", "GatehouseControl", "GatehouseReport", "GatehouseWire"],
      path: "Tests/TestKit", swiftSettings: strict),
    .testTarget(
      name: "GatehouseWireTests", dependencies: ["GatehouseControl", "GatehouseWire", "TestKit"],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseControlTests",
      dependencies: [
        "GatehouseControl", "GatehousePolicy", "GatehouseWire", "TestKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseClientTests",
      dependencies: [
        "GatehouseClient", "GatehouseControl", "GatehouseSystem", "GatehouseWire",
        "TestKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "PAMGatehouseTests",
      dependencies: [
        "CPAM", "CPAMHost", "GatehouseClient", "GatehouseControl", "GatehouseSystem",
        "GatehouseWire",
        "PAMGatehouse", "TestKit",
      ],
      swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
    .testTarget(
      name: "GatehousePlatformTests",
      dependencies: ["CPosix", "GatehousePlatform", "TestKit", swiftSystem],
      swiftSettings: strict),
    .testTarget(
      name: "GatehousePolicyTests",
      dependencies: ["GatehousePolicy", "GatehouseReport", "TestKit"],
      resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(
      name: "GatehouseStateTests", dependencies: ["GatehousePolicy", "GatehouseState", "TestKit"],
      exclude: ["FirstVersion"],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseRecordTests",
      dependencies: [
        "GatehouseControl", "GatehousePolicy", "GatehouseRecord", "GatehouseState", "TestKit",
      ],
      swiftSettings: strict),
    // Random people and policies, and what a slow reading says of them.
    .target(
      name: "GuardKit",
      dependencies: [
        "GatehouseGuard", "GatehouseIdentity", "GatehousePolicy", "GatehouseRecord", "TestKit",
      ],
      path: "Tests/GuardKit", swiftSettings: strict),
    .testTarget(
      name: "GatehouseGuardTests",
      dependencies: [
        "GatehouseControl", "GatehouseGuard", "GatehouseIdentity", "GatehousePlatform",
        "GatehousePolicy", "GatehouseRecord", "GuardKit", "TestKit", swiftSystem,
      ],
      swiftSettings: strict),
    // A program that asks the real pam_access.so, for comparison.
    .executableTarget(
      name: "access-host", path: "Tests/AccessHost", linkerSettings: [.linkedLibrary("pam")]),
    .testTarget(
      name: "GatehouseImportTests",
      dependencies: [
        "GatehouseImport", "GatehousePolicy", "GatehouseSSHConfig", "TestKit", "access-host",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseReportTests",
      dependencies: [
        "GatehouseControl", "GatehouseDoors", "GatehouseJSON", "GatehouseJournal",
        "GatehouseNotify",
        "GatehousePlatform", "GatehousePolicy", "GatehouseReport", "PAMKit", "TestKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseFeedsTests",
      dependencies: [
        "GatehouseFeeds", "GatehouseFetch", "GatehouseJSON", "GatehousePolicy", "TestKit",
        "gatehouse-fetch", "kill-host",
      ],
      exclude: ["World"], resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "GatehouseFitTests",
      dependencies: [
        "GatehouseFit", "GatehouseIdentity", "GatehousePlatform", "GatehousePolicy", "TestKit",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseJournalTests",
      dependencies: ["GatehouseJournal", "GatehousePolicy", "TestKit"],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseNotifyTests",
      dependencies: [
        "GatehouseJournal", "GatehouseNotify", "GatehousePlatform", "GatehousePolicy",
        "GatehouseState", "TestKit",
      ],
      swiftSettings: strict),
    // A machine's files in memory, for tests and for the fuzzer.
    .target(
      name: "PAMKit", dependencies: ["GatehouseDoors", "GatehousePAM", "GatehousePolicy"],
      path: "Tests/PAMKit", swiftSettings: strict),
    // A program that asks the real libpam, for comparison.
    .executableTarget(
      name: "stack-host", path: "Tests/StackHost", linkerSettings: [.linkedLibrary("pam")]),
    .testTarget(
      name: "GatehousePAMTests",
      dependencies: [
        "GatehouseDoors", "GatehousePAM", "GatehousePolicy", "GatehouseReport", "PAMKit", "TestKit",
        "stack-host",
      ],
      resources: [.copy("Stacks")], swiftSettings: strict),
    // A program that runs another one, and kills it at one of its system calls.
    .executableTarget(name: "kill-host", path: "Tests/KillHost"),
    .testTarget(
      name: "GatehouseChangeTests",
      dependencies: [
        "GatehouseChange", "GatehousePlatform", "GatehousePolicy", "GatehouseState", "TestKit",
        "gatehouse", "kill-host",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatehouseDaemonTests",
      dependencies: [
        "GatehouseControl", "GatehouseDaemon", "GatehouseGuard",
        "GatehouseIdentity", "GatehouseJournal",
        "GatehousePlatform", "GatehousePolicy", "GatehouseRecord", "GatehouseReport",
        "GatehouseState", "GatehouseWire", "GuardKit", "TestKit", swiftSystem,
      ],
      swiftSettings: strict),
    // The built daemon and command, driven as processes.
    .testTarget(
      name: "ProcessTests",
      dependencies: [
        "GatehouseControl", "GatehouseDaemon", "GatehouseFeeds", "GatehouseGuard",
        "GatehouseJournal", "GatehousePolicy", "GatehouseReport", "GatehouseState",
        "GatehouseWire", "gatehouse", "gatehouse-fetch",
        "gatehoused", "kill-host", "TestKit",
      ],
      exclude: ["Screens"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

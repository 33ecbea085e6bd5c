// swift-tools-version: 6.3
import PackageDescription

// A package of its own, because all of it is built for fuzzing: `run` passes the sanitizers.
let package = Package(
  name: "gatehouse-fuzz",
  dependencies: [.package(name: "gatehouse", path: "../..")],
  targets: [
    .systemLibrary(name: "CLibFuzzer"),
    .executableTarget(
      name: "gatehouse-fuzz",
      dependencies: ["CLibFuzzer", .product(name: "GatehouseInternals", package: "gatehouse")],
      swiftSettings: [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

let safe: [SwiftSetting] = [.strictMemorySafety()]
// Of tests that wait for files and processes, and compute next to nothing themselves: to make them fast would take
// longer than they do.
let plain: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

// Homebrew keeps headers where only pkg-config finds them; Debian where every compiler looks.
#if os(macOS)
  let (zstd, zlib): (String?, String?) = ("libzstd", "zlib")
  let (png, jpeg): (String?, String?) = ("libpng16", "libturbojpeg")
#else
  let (zstd, zlib): (String?, String?) = (nil, nil)
  let (png, jpeg): (String?, String?) = (nil, nil)
#endif

// Which MPI the trait of that name builds with, as pkg-config calls it: Open MPI, or such as mpich.
let mpi = Context.environment["LOCKSTEP_MPI"] ?? "ompi-c"

let package = Package(
  name: "Lockstep",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Lockstep", targets: ["Lockstep"]),
    .executable(name: "lockstep", targets: ["LockstepCommand"]),
  ],
  traits: [
    .trait(
      name: "MPI", description: "Runs of several processes, on one machine or many, that exchange messages by MPI.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    .systemLibrary(name: "CZstd", pkgConfig: zstd, providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(name: "CZlib", pkgConfig: zlib, providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CPNG", pkgConfig: png, providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: jpeg, providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    // SHA-256; macOS has its own.
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMPI", pkgConfig: mpi, providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "CPictures", dependencies: ["CPNG", "CTurboJPEG"],
      // libpng calls zlib, which stands behind it where both are archives.
      linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("z"), .linkedLibrary("turbojpeg")]),

    .target(name: "Libc"),
    .target(name: "LockstepDeclarations", swiftSettings: safe),
    .target(
      name: "LockstepKernels",
      dependencies: [
        "Libc", "LockstepDeclarations", "CKernels", .target(name: "CMPI", condition: .when(traits: ["MPI"])),
      ]),
    .target(
      name: "LockstepModel", dependencies: ["Libc", "LockstepKernels", "LockstepDeclarations"], swiftSettings: safe),
    .target(
      name: "LockstepFormats",
      dependencies: [
        "Libc",
        "LockstepKernels", "CZstd", "CZlib", "CPictures",
        .target(name: "CCrypto", condition: .when(platforms: [.linux])),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], exclude: ["TensorBoard/event.proto"], swiftSettings: safe),
    .target(
      name: "LockstepData",
      dependencies: ["LockstepFormats", "LockstepModel", "LockstepKernels", "LockstepDeclarations"], swiftSettings: safe
    ),
    .target(
      name: "LockstepTraining",
      dependencies: [
        "Libc", "LockstepFormats", "LockstepData", "LockstepModel", "LockstepKernels", "LockstepDeclarations",
      ],
      swiftSettings: safe),
    .target(
      name: "LockstepConfiguration",
      dependencies: [
        "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel", "LockstepKernels",
        "LockstepDeclarations", .product(name: "Yams", package: "Yams"),
      ], swiftSettings: safe),
    .target(
      name: "LockstepProposal",
      dependencies: ["LockstepConfiguration", "LockstepData", "LockstepFormats", "LockstepModel"],
      swiftSettings: safe),
    .target(
      name: "LockstepRuns",
      dependencies: [
        "Libc",
        "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepKernels", "LockstepDeclarations",
      ], swiftSettings: safe),
    .target(
      name: "LockstepExamination",
      dependencies: [
        "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepDeclarations", "LockstepKernels",
      ], swiftSettings: safe),
    .target(
      name: "LockstepStudies",
      dependencies: [
        "Libc",
        "LockstepExamination", "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData",
        "LockstepFormats", "LockstepModel",
        "LockstepDeclarations", "LockstepKernels",
      ], swiftSettings: safe),
    .target(
      name: "LockstepResults",
      dependencies: [
        "Libc",
        "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData",
        "LockstepFormats", "LockstepModel", "LockstepKernels",
      ], swiftSettings: safe),
    .target(
      name: "LockstepReport",
      dependencies: [
        "Libc",
        "LockstepResults",
        "LockstepStudies", "LockstepExamination", "LockstepRuns", "LockstepConfiguration", "LockstepTraining",
        "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepKernels",
      ],
      swiftSettings: safe),
    .target(
      name: "LockstepExport",
      dependencies: [
        "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepKernels",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], exclude: ["ONNX/onnx.proto"], swiftSettings: safe),
    .target(
      name: "Lockstep",
      dependencies: [
        "LockstepDeclarations", "LockstepKernels", "LockstepModel", "LockstepFormats", "LockstepData",
        "LockstepTraining",
        "LockstepConfiguration", "LockstepProposal", "LockstepRuns", "LockstepExamination", "LockstepStudies",
        "LockstepResults", "LockstepExport",
      ], swiftSettings: safe),
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "Libc",
        "Lockstep", "LockstepReport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: safe),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Benchmarks/Sources", swiftSettings: safe),

    .executableTarget(
      name: "Experiments",
      dependencies: [
        "LockstepReport", "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining",
        "LockstepData", "LockstepFormats", "LockstepModel", "LockstepKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Experiments/Sources", swiftSettings: safe),

    .target(name: "TestSupport", dependencies: ["LockstepKernels"], path: "Tests/TestSupport"),
    .target(
      name: "SampleSupport", dependencies: ["LockstepData", "LockstepModel", "LockstepKernels"],
      path: "Tests/SampleSupport"),
    .target(
      name: "RunSupport",
      dependencies: ["LockstepRuns", "LockstepConfiguration", "LockstepFormats", "TestSupport"],
      path: "Tests/RunSupport"),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .target(name: "FileCalls", path: "Tests/FileCalls"),
    .target(
      name: "KernelProbes", dependencies: ["CKernels"], path: "Tests/KernelProbes",
      linkerSettings: [.linkedLibrary("m")]),
    .testTarget(
      name: "LockstepKernelsTests",
      dependencies: [
        "Libc", "LockstepDeclarations", "LockstepKernels", "CKernels", "TestSupport", "KernelProbes",
      ]),
    .testTarget(
      name: "LockstepModelTests",
      dependencies: ["Libc", "LockstepDeclarations", "LockstepModel", "LockstepKernels", "TestSupport"],
      swiftSettings: plain),
    .testTarget(
      name: "LockstepTrainingTests",
      dependencies: [
        "Libc",
        "LockstepDeclarations",
        "LockstepTraining", "LockstepData", "LockstepModel", "LockstepKernels", "TestSupport", "SampleSupport",
        "AllocationCounter", "KernelProbes",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepFormatsTests",
      dependencies: [
        "LockstepFormats", "LockstepKernels", "TestSupport", "AllocationCounter", "FileCalls",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepDataTests",
      dependencies: [
        "LockstepData", "LockstepFormats", "LockstepModel", "LockstepKernels", "TestSupport", "SampleSupport",
        "AllocationCounter",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepConfigurationTests",
      dependencies: [
        "LockstepDeclarations",
        "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats", "LockstepModel",
        "LockstepKernels", "TestSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepProposalTests",
      dependencies: [
        "LockstepProposal", "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepModel",
        "TestSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepRunsTests",
      dependencies: [
        "LockstepDeclarations",
        "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData", "LockstepFormats",
        "LockstepModel", "LockstepKernels", "TestSupport", "SampleSupport", "RunSupport", "AllocationCounter",
        "FileCalls", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepExaminationTests",
      dependencies: [
        "LockstepExamination", "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData",
        "LockstepFormats", "LockstepModel", "LockstepKernels", "TestSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepStudiesTests",
      dependencies: [
        "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining", "LockstepData",
        "LockstepFormats", "LockstepModel", "LockstepKernels", "TestSupport", "SampleSupport", "RunSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepResultsTests",
      dependencies: [
        "LockstepResults", "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining",
        "LockstepData",
        "LockstepFormats", "LockstepModel", "LockstepKernels", "LockstepDeclarations", "TestSupport", "SampleSupport",
        "RunSupport",
      ],
      swiftSettings: plain),
    // What other people's tools make of Lockstep's files, and Lockstep of theirs.
    .testTarget(
      name: "InteropTests",
      dependencies: [
        "LockstepResults",
        "Lockstep", "LockstepExport", "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining",
        "LockstepData",
        "LockstepFormats", "LockstepModel", "LockstepKernels",
        "SampleSupport", "TestSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepReportTests",
      dependencies: [
        "LockstepResults",
        "LockstepReport", "LockstepStudies", "LockstepRuns", "LockstepConfiguration", "LockstepTraining",
        "LockstepData", "LockstepFormats", "LockstepModel", "LockstepKernels", "RunSupport", "TestSupport",
      ], swiftSettings: plain),
    .testTarget(
      name: "LockstepCommandTests",
      dependencies: [
        "LockstepResults",
        "LockstepCommand", "Lockstep", "LockstepReport", "LockstepStudies", "LockstepRuns", "LockstepConfiguration",
        "LockstepTraining",
        "LockstepData", "LockstepFormats", "LockstepModel",
        "TestSupport",
      ], swiftSettings: plain),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks"], swiftSettings: plain),
  ],
  swiftLanguageModes: [.v6]
)

// Only tools/fuzz builds this, with all of the program made to say which code an input reaches.
if Context.environment["LOCKSTEP_FUZZ"] != nil {
  package.targets += [
    .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Libc", "FuzzDriver", "LockstepExport", "LockstepStudies", "LockstepRuns", "LockstepConfiguration",
        "LockstepTraining", "LockstepData",
        "LockstepFormats", "LockstepKernels",
      ],
      path: "Tests/Fuzz/Sources"),
  ]
}

// Only what tries the messages between ranks builds this, with the trait MPI.
if Context.environment["LOCKSTEP_RANKS"] != nil {
  package.targets.append(
    .executableTarget(name: "RankProbe", dependencies: ["Libc", "LockstepKernels", "CMPI"], path: "Tests/Ranks"))
}

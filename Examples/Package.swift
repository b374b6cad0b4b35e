// swift-tools-version: 6.2
import PackageDescription

// As a package of your own would name it, by `.package(url: …, from: …)` or a path.
let lockstep: Target.Dependency = .product(name: "Lockstep", package: "lockstep")

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "lockstep", path: "..")],
  targets: [
    .executableTarget(name: "OwnDataset", dependencies: [lockstep], path: "OwnDataset", exclude: ["README.md"]),
    .executableTarget(name: "OwnMetric", dependencies: [lockstep], path: "OwnMetric", exclude: ["README.md"]),
    .executableTarget(name: "Serve", dependencies: [lockstep], path: "Serve", exclude: ["README.md"]),
  ]
)

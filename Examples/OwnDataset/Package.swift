// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "OwnDataset",
  platforms: [.macOS(.v15)],
  // In a package of your own: .package(url: "…/lockstep.git", branch: "main").
  dependencies: [.package(name: "lockstep", path: "../..")],
  targets: [
    .executableTarget(name: "OwnDataset", dependencies: [.product(name: "Lockstep", package: "lockstep")])
  ]
)

import LockstepData
import SampleSupport
import Testing

@Suite struct SyntheticSpecificationTests {
  private static let base = SyntheticSpecification(
    kind: .gaussianClusters(), samples: 100, features: 8, task: .classification(classes: 3))

  /// A wrong description and the key that is at fault.
  struct Wrong: Sendable, CustomTestStringConvertible {
    let key: String
    let specification: SyntheticSpecification
    var testDescription: String { "\(key): \(specification.kind)" }

    init(_ key: String, _ change: (inout SyntheticSpecification) -> Void) {
      self.key = key
      specification = base.with(change)
    }
  }

  static let wrong: [Wrong] = [
    Wrong("samples") { $0.samples = 0 },
    Wrong("samples") { $0.samples = -3 },
    Wrong("samples") { $0.samples = .max },
    Wrong("features") { $0.features = 0 },
    Wrong("features") { $0.features = .min },
    Wrong("features") { $0.features = .max },
    Wrong("classes") { $0.task = .classification(classes: 1) },
    Wrong("classes") { $0.task = .classification(classes: -1) },
    Wrong("classes") { $0.task = .classification(classes: .max) },
    Wrong("targets") { $0.task = .regression(targets: 1) },
    Wrong("split") { $0.split = "" },
    Wrong("separation") { $0.kind = .gaussianClusters(separation: -1) },
    Wrong("separation") { $0.kind = .gaussianClusters(separation: .nan) },
    Wrong("separation") { $0.kind = .gaussianClusters(separation: .infinity) },
    Wrong("features") {
      $0.features = 1 << 20
      $0.task = .classification(classes: 1 << 20)
    },
    Wrong("depth") { $0.kind = .teacher(depth: -1) },
    Wrong("depth") { $0.kind = .teacher(depth: .max) },
    Wrong("width") { $0.kind = .teacher(width: 0) },
    Wrong("width") { $0.kind = .teacher(width: 1025) },
    Wrong("activation") { $0.kind = .teacher(activation: .elu(alpha: .nan)) },
    Wrong("noise") { $0.kind = .teacher(noise: 1.5) },
    Wrong("noise") { $0.kind = .teacher(noise: -0.1) },
    Wrong("classes") {
      $0.kind = .teacher()
      $0.task = .classification(classes: 1025)
    },
    Wrong("targets") {
      $0.kind = .teacher()
      $0.task = .regression(targets: 0)
    },
    Wrong("features") {
      $0.kind = .teacher(width: 1024)
      $0.features = 1 << 20
    },
    Wrong("features") {
      $0.kind = .spirals()
      $0.features = 1
    },
    Wrong("turns") { $0.kind = .spirals(turns: -1) },
    Wrong("turns") { $0.kind = .spirals(turns: .infinity) },
    Wrong("noise") { $0.kind = .spirals(noise: .nan) },
    Wrong("classes") { $0.kind = .sparseParity() },
    Wrong("parity_bits") {
      $0.kind = .sparseParity(parityBits: 9)
      $0.task = .classification(classes: 2)
    },
    Wrong("parity_bits") {
      $0.kind = .sparseParity(parityBits: 0)
      $0.task = .classification(classes: 2)
    },
    Wrong("noise") {
      $0.kind = .sparseParity(noise: 2)
      $0.task = .classification(classes: 2)
    },
    Wrong("classes") { $0.kind = .friedman() },
    Wrong("targets") {
      $0.kind = .friedman()
      $0.task = .regression(targets: 2)
    },
    Wrong("features") {
      $0.kind = .friedman()
      $0.task = .regression(targets: 1)
      $0.features = 4
    },
    Wrong("noise") {
      $0.kind = .friedman(noise: -1)
      $0.task = .regression(targets: 1)
    },
    Wrong("features") { $0.kind = .textures() },
    Wrong("height") { $0.kind = .textures(height: 15) },
    Wrong("height") { $0.kind = .shapes(height: .max) },
    Wrong("width") { $0.kind = .shapes(width: 513) },
    Wrong("width") { $0.kind = .textures(width: .min) },
    Wrong("channels") { $0.kind = .shapes(channels: 2) },
    Wrong("channels") { $0.kind = .textures(channels: .max) },
    Wrong("noise") { $0 = pictures(.textures(noise: -1), classes: 3) },
    Wrong("noise") { $0 = pictures(.shapes(noise: .nan), classes: 3) },
    Wrong("classes") { $0 = pictures(.textures(), classes: 65) },
    Wrong("classes") { $0 = pictures(.shapes(), classes: 41) },
    Wrong("classes") { $0 = pictures(.shapes(), classes: 1) },
    Wrong("targets") {
      $0 = pictures(.shapes(), classes: 3)
      $0.task = .regression(targets: 1)
    },
  ]

  private static func pictures(_ kind: SyntheticSpecification.Generator, classes: Int) -> SyntheticSpecification {
    SyntheticSpecification(pictures: kind, samples: 100, classes: classes)
  }

  @Test(arguments: wrong)
  func whatIsWrongIsNamed(case wrong: Wrong) {
    #expect(wrong.specification.problems.map(\.key) == [wrong.key])
    let error = #expect(throws: DatasetError.self) { try wrong.specification.makeDataset(runSeed: 1) }
    let description = error?.description ?? ""
    #expect(description.contains("\(wrong.key): found "))
    #expect(description.contains("expected "))
    #expect(description.contains(wrong.specification.kind.name))
  }

  @Test func everythingWrongIsReportedAtOnce() {
    let specification = SyntheticSpecification(
      kind: .spirals(turns: -1, noise: -1), samples: 0, features: 1, task: .regression(targets: 1), split: "")
    #expect(specification.problems.map(\.key) == ["samples", "features", "targets", "split", "turns", "noise"])
  }

  @Test func examplesHaveNoProblem() {
    for specification in SyntheticSpecification.examples { #expect(specification.problems.isEmpty) }
  }

  @Test func documentedDefaults() {
    typealias Generator = SyntheticSpecification.Generator
    #expect(Generator(name: "gaussian_clusters") == .gaussianClusters(separation: 2))
    #expect(Generator(name: "teacher") == .teacher(depth: 3, width: 64, activation: .tanh, noise: 0))
    #expect(Generator(name: "spirals") == .spirals(turns: 1, noise: 0.02))
    #expect(Generator(name: "sparse_parity") == .sparseParity(parityBits: 3, noise: 0))
    #expect(Generator(name: "friedman") == .friedman(noise: 1))
    #expect(Generator(name: "moons") == nil)
    #expect(Generator(name: "textures") == .textures(height: 32, width: 32, channels: 3, noise: 1))
    #expect(Generator(name: "shapes") == .shapes(height: 32, width: 32, channels: 3, noise: 0.3))
    #expect(
      Generator.defaults.map(\.name)
        == ["gaussian_clusters", "teacher", "spirals", "sparse_parity", "friedman", "textures", "shapes"])
    #expect(Self.base.split == "train" && Self.base.standardize && Self.base.seed == nil)
  }

  @Test func everyChangeShowsInTheFingerprint() throws {
    let changes: [SyntheticSpecification] = [
      Self.base,
      Self.base.with { $0.samples = 101 },
      Self.base.with { $0.features = 9 },
      Self.base.with { $0.task = .classification(classes: 4) },
      Self.base.with { $0.split = "test" },
      Self.base.with { $0.standardize = false },
      Self.base.with { $0.seed = 9 },
      Self.base.with { $0.kind = .gaussianClusters(separation: 2.5) },
      Self.base.with { $0.kind = .teacher() },
      Self.base.with { $0.kind = .teacher(activation: .leakyReLU(negativeSlope: 0.1)) },
      Self.base.with { $0.kind = .teacher(activation: .leakyReLU(negativeSlope: 0.2)) },
      Self.base.with { $0.kind = .teacher(noise: 0.1) },
      Self.base.with { $0.kind = .spirals() },
      Self.pictures(.textures(), classes: 3),
      Self.pictures(.textures(height: 16, width: 64), classes: 3),
      Self.pictures(.textures(height: 64, width: 16), classes: 3),
      Self.pictures(.textures(noise: 0.25), classes: 3),
      Self.pictures(.shapes(), classes: 3),
      Self.pictures(.shapes(channels: 1), classes: 3),
    ]
    #expect(try Set(changes.map { try $0.makeDataset(runSeed: 1).fingerprint }).count == changes.count)
  }
}

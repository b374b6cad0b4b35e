import LockstepData
import LockstepKernels
import SampleSupport
import Testing

/// What the generator makes, against its definition.
@Suite struct GaussianClustersTests {
  private static func make(
    _ separation: Double, features: Int, classes: Int, split: String = "train", standardize: Bool = false
  ) throws -> any Dataset {
    try SyntheticSpecification(
      kind: .gaussianClusters(separation: separation), samples: 100_000, features: features,
      task: .classification(classes: classes), split: split, standardize: standardize
    ).makeDataset(runSeed: 8)
  }

  /// The mean of every feature for each class.
  private static func means(_ rows: Rows, classes: Int) -> [[Double]] {
    (0..<classes).map { k in
      let members = zip(rows.features, rows.labels).filter { $0.1 == k }.map(\.0)
      return (0..<members[0].count).map { c in members.reduce(0) { $0 + Double($1[c]) } / Double(members.count) }
    }
  }

  @Test(arguments: [1, 4, 31, 32, 33, 100, 784])
  func withoutSeparationARowIsItsNormalStream(features: Int) throws {
    let rows = try Rows(Self.make(0, features: features, classes: 2), [0, 5, 99_999])
    // FNV-1a of the split's name keys its streams.
    let name = "train".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let key = RandomKey(seed: 8, purpose: .features, index: name)
    let arena = Arena(count: features)
    for (r, index) in [0, 5, 99_999].enumerated() {
      key.stream(UInt64(index)).normal(into: arena.all)
      #expect(rows.features[r] == arena.all.array)
    }
  }

  @Test func splitsShareTheMeans() throws {
    let indices = Array(0..<20_000)
    let train = try Self.means(Rows(Self.make(2, features: 6, classes: 3), indices), classes: 3)
    let validation = try Self.means(
      Rows(Self.make(2, features: 6, classes: 3, split: "validation"), indices), classes: 3)
    // A mean over about 6,700 samples of variance 1 is known to 0.012.
    for (a, b) in zip(train.joined(), validation.joined()) { #expect(abs(a - b) < 0.09) }
  }

  @Test func meansHaveTheSeparation() throws {
    let classes = 40
    let rows = try Rows(Self.make(3, features: 50, classes: classes), Array(0..<40_000))
    let (mean, variance) = moments(Array(Self.means(rows, classes: classes).joined()))
    #expect(abs(mean) < 0.35)
    #expect(abs(variance.squareRoot() - 3) < 0.25)
  }

  @Test func withinAClassTheVarianceIsOne() throws {
    let rows = try Rows(Self.make(5, features: 3, classes: 2), Array(0..<20_000))
    for k in 0..<2 {
      let members = zip(rows.features, rows.labels).filter { $0.1 == k }.map(\.0)
      for c in 0..<3 { #expect(abs(moments(members.map { Double($0[c]) }).variance - 1) < 0.08) }
    }
  }

  /// Standardised features are one affine function of the raw ones per feature.
  @Test func standardisingIsAffine() throws {
    let indices = Array(0..<500)
    let raw = try Rows(Self.make(2, features: 10, classes: 4), indices)
    let standard = try Rows(Self.make(2, features: 10, classes: 4, standardize: true), indices)
    #expect(raw.labels == standard.labels)
    for c in 0..<10 {
      let (x, y) = (raw.column(c), standard.column(c))
      let slope = (y[1] - y[0]) / (x[1] - x[0])
      #expect(slope > 0 && slope < 1)
      for i in indices { #expect(abs(y[i] - (y[0] + slope * (x[i] - x[0]))) < 1e-4) }
    }
  }
}

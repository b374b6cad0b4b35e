import LockstepData
import LockstepKernels
import SampleSupport
import Testing

@Suite struct TeacherTests {
  private static func make(
    _ kind: SyntheticSpecification.Generator, task: LearningTask, split: String = "train", seed: UInt64 = 3,
    standardize: Bool = true
  ) throws -> any Dataset {
    try SyntheticSpecification(
      kind: kind, samples: 100_000, features: 6, task: task, split: split, standardize: standardize
    ).makeDataset(runSeed: seed)
  }

  /// Covariances of the targets with the features: a fingerprint of the teacher that its splits share.
  private static func covariances(_ rows: Rows) -> [Double] {
    var covariances: [Double] = []
    for k in 0..<rows.targets[0].count {
      for c in 0..<rows.features[0].count {
        var sum = 0.0
        for (x, y) in zip(rows.features, rows.targets) { sum += Double(x[c]) * Double(y[k]) }
        covariances.append(sum / Double(rows.targets.count))
      }
    }
    return covariances
  }

  @Test func splitsShareTheTeacher() throws {
    let indices = Array(0..<20_000)
    let kind = SyntheticSpecification.Generator.teacher(depth: 1, width: 16)
    let train = try Self.covariances(Rows(Self.make(kind, task: .regression(targets: 2)), indices))
    let validation = try Self.covariances(
      Rows(Self.make(kind, task: .regression(targets: 2), split: "validation"), indices))
    let stranger = try Self.covariances(Rows(Self.make(kind, task: .regression(targets: 2), seed: 4), indices))
    #expect(zip(train, validation).allSatisfy { abs($0 - $1) < 0.06 })
    #expect(zip(train, stranger).contains { abs($0 - $1) > 0.2 })
  }

  /// Without hidden layers the teacher is a linear function, which four samples more than features determine.
  @Test func withoutHiddenLayersItIsAffine() throws {
    let rows = try Rows(Self.make(.teacher(depth: 0), task: .regression(targets: 1)), Array(0..<2000))
    let slopes = Self.covariances(rows)
    for (x, y) in zip(rows.features, rows.targets) {
      let predicted = zip(slopes, x).reduce(0) { $0 + $1.0 * Double($1.1) }
      #expect(abs(predicted - Double(y[0])) < 0.5)
    }
  }

  @Test(arguments: [ActivationFunction.relu, .tanh, .sigmoid, .gelu, .leakyReLU(negativeSlope: 0.1)], [1, 3, 8])
  func everyShapeMakesFiniteTargets(activation: ActivationFunction, depth: Int) throws {
    for width in [1, 5, 32, 65] {
      let kind = SyntheticSpecification.Generator.teacher(depth: depth, width: width, activation: activation)
      let rows = try Rows(Self.make(kind, task: .regression(targets: 3)), Array(0..<100))
      #expect(rows.targets.joined().allSatisfy { $0.isFinite })
      let labels = try Rows(Self.make(kind, task: .classification(classes: 3)), Array(0..<100)).labels
      #expect(labels.allSatisfy { (0..<3).contains($0) })
    }
  }

  @Test func noiseReplacesAShareOfTheLabels() throws {
    let indices = Array(0..<20_000)
    let clean = try Rows(Self.make(.teacher(), task: .classification(classes: 4)), indices)
    let noisy = try Rows(Self.make(.teacher(noise: 0.25), task: .classification(classes: 4)), indices)
    let wrong = try Rows(Self.make(.teacher(noise: 1), task: .classification(classes: 4)), indices)
    #expect(clean.features == noisy.features)
    let share = Double(zip(clean.labels, noisy.labels).filter { $0 != $1 }.count) / 20_000
    #expect(abs(share - 0.25) < 0.02)
    #expect(zip(clean.labels, wrong.labels).allSatisfy { $0 != $1 })
    let shifts = zip(clean.labels, wrong.labels).map { ($1 - $0 + 4) % 4 }
    #expect(chiSquare((1..<4).map { k in shifts.count { $0 == k } }) < chiSquareBound(2))
  }

  @Test func noiseIsAddedToTargets() throws {
    let indices = Array(0..<20_000)
    let clean = try Rows(Self.make(.teacher(), task: .regression(targets: 2)), indices)
    let noisy = try Rows(Self.make(.teacher(noise: 0.5), task: .regression(targets: 2)), indices)
    for k in 0..<2 {
      let (mean, variance) = moments(zip(clean.targets, noisy.targets).map { Double($1[k]) - Double($0[k]) })
      #expect(abs(mean) < 0.02 && abs(variance - 0.25) < 0.015)
    }
  }

  @Test func rawTargetsAreAnAffineFunctionOfStandardOnes() throws {
    let indices = Array(0..<200)
    let standard = try Rows(Self.make(.teacher(), task: .regression(targets: 1)), indices).targets.map { Double($0[0]) }
    let raw = try Rows(Self.make(.teacher(), task: .regression(targets: 1), standardize: false), indices)
      .targets.map { Double($0[0]) }
    let slope = (raw[1] - raw[0]) / (standard[1] - standard[0])
    #expect(abs(slope - 1) > 0.01)
    for i in indices { #expect(abs(raw[i] - (raw[0] + slope * (standard[i] - standard[0]))) < 1e-4) }
  }
}

import LockstepDeclarations
import LockstepKernels

/// One thing that is wrong with a description.
package struct SpecificationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The key at fault, as configurations name it: `features`, `classes`, `separation`, …
  package let key: String
  package let found: String
  package let expected: String

  package var description: String { "\(key): found \(found), expected \(expected)" }
}

extension SyntheticSpecification {
  /// The most samples that a set can have.
  package static let maximumSamples = EpochOrder.maximumCount
  /// The most features.
  package static let maximumFeatures = 1 << 20
  /// The most classes that a float32 label can count.
  package static let maximumClasses = 1 << 24
  /// The most float32 values that a task's tables may hold: 1 GiB.
  package static let maximumTable = 1 << 28

  /// Everything that keeps `makeDataset` from making the set; empty if it can be made.
  package var problems: [SpecificationProblem] {
    var checks = Checks()
    checks.integer("samples", samples, in: 1...SyntheticSpecification.maximumSamples)
    checkInputs(&checks)
    checkTask(&checks)
    if split.isEmpty { checks.add("split", "an empty name", "a name such as train or validation") }
    checkParameters(&checks)
    // Products of sizes that were refused above mean nothing and may overflow.
    if checks.problems.isEmpty && tableCount > SyntheticSpecification.maximumTable {
      checks.add(
        "features", "\(features), which makes tables of \(tableCount) numbers for this task",
        "fewer features or classes or a narrower teacher: at most \(SyntheticSpecification.maximumTable) numbers")
    }
    return checks.problems
  }

  private func checkInputs(_ checks: inout Checks) {
    guard let (height, width, channels, _) = kind.pictureSettings else {
      return checks.integer("features", features, in: leastFeatures...SyntheticSpecification.maximumFeatures)
    }
    checks.integer("height", height, in: Generator.sides.range)
    checks.integer("width", width, in: Generator.sides.range)
    if channels != 1 && channels != 3 { checks.add("channels", "\(channels)", "1, grey, or 3") }
    if let numbers = kind.pictureNumbers, checks.problems.isEmpty, features != numbers {
      checks.add("features", "\(features)", "\(numbers), height × width × channels")
    }
  }

  private var leastFeatures: Int {
    switch kind {
    case .gaussianClusters, .teacher, .sparseParity, .textures, .shapes: 1
    case .spirals: 2
    case .friedman: 5
    }
  }

  private func checkTask(_ checks: inout Checks) {
    let widest = TeacherNetwork.maximumWidth
    switch (kind, task) {
    case (.gaussianClusters, .classification(let classes)), (.spirals, .classification(let classes)):
      checks.integer("classes", classes, in: 2...SyntheticSpecification.maximumClasses)
    case (.teacher, .classification(let classes)):
      checks.integer("classes", classes, in: 2...widest)
    case (.textures, .classification(let classes)), (.shapes, .classification(let classes)):
      checks.integer("classes", classes, in: 2...kind.mostPictureClasses)
    case (.sparseParity, .classification(let classes)):
      checks.integer("classes", classes, in: 2...2)
    case (.teacher, .regression(let targets)):
      checks.integer("targets", targets, in: 1...widest)
    case (.friedman, .regression(let targets)):
      checks.integer("targets", targets, in: 1...1)
    case (.gaussianClusters, .regression), (.spirals, .regression), (.sparseParity, .regression),
      (.textures, .regression), (.shapes, .regression):
      checks.add("targets", "a regression task", "classes: \(kind.name) makes a classification task")
    case (_, .labels):
      checks.add("targets", "a task of labels", "classes or targets: no generator makes labels")
    case (.friedman, .classification):
      checks.add("classes", "a classification task", "targets: 1, because \(kind.name) makes a regression task")
    }
  }

  private func checkParameters(_ checks: inout Checks) {
    switch kind {
    case .gaussianClusters(let separation):
      checks.number("separation", separation, in: 0...1e6)
    case .teacher(let depth, let width, let activation, let noise):
      checks.integer("depth", depth, in: 0...64)
      checks.integer("width", width, in: 1...TeacherNetwork.maximumWidth)
      for case .single(let number)? in activation.declared.settings {
        checks.number("activation", Double(number), in: -1e3...1e3)
      }
      checks.number("noise", noise, in: classes == nil ? 0...1e6 : 0...1)
    case .spirals(let turns, let noise):
      checks.number("turns", turns, in: 0...1e3)
      checks.number("noise", noise, in: 0...1e6)
    case .sparseParity(let parityBits, let noise):
      checks.integer("parity_bits", parityBits, in: 1...max(1, features))
      checks.number("noise", noise, in: 0...1)
    case .friedman(let noise), .textures(_, _, _, let noise), .shapes(_, _, _, let noise):
      checks.number("noise", noise, in: 0...1e6)
    }
  }

  /// Numbers that the task's tables hold.
  private var tableCount: Int {
    switch (kind, task) {
    case (.gaussianClusters, .classification(let classes)): (classes + 1) * paddedTableColumns(features)
    case (.teacher(let depth, let width, _, _), .classification(let outputs)),
      (.teacher(let depth, let width, _, _), .regression(let outputs)):
      TeacherNetwork.weightCount(inputs: features, depth: depth, width: width, outputs: outputs)
    case (.gaussianClusters, .regression), (.gaussianClusters, .labels), (.teacher, .labels), (.spirals, _),
      (.sparseParity, _), (.friedman, _), (.textures, _), (.shapes, _):
      0
    }
  }
}

/// Collects problems.
private struct Checks {
  var problems: [SpecificationProblem] = []

  mutating func add(_ key: String, _ found: String, _ expected: String) {
    problems.append(SpecificationProblem(key: key, found: found, expected: expected))
  }

  mutating func integer(_ key: String, _ value: Int, in range: ClosedRange<Int>) {
    if range.contains(value) { return }
    let expected =
      range.count == 1 ? "\(range.lowerBound)" : "a whole number in \(range.lowerBound) ... \(range.upperBound)"
    add(key, "\(value)", expected)
  }

  mutating func number(_ key: String, _ value: Double, in range: ClosedRange<Double>) {
    if range.contains(value) { return }
    add(key, "\(value)", "a number in \(range.lowerBound) ... \(range.upperBound)")
  }
}

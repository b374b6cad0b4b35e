import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// Faults that are planted in a run are found, each by its check; where nothing is wrong nothing is said.
@Suite struct CheckTests {
  // MARK: Planted faults

  /// A table of 600 rows: the class follows from a and b, c is noise; then what a fault changes of it.
  private static func rows(_ change: (_ row: Int, _ cells: inout [String]) -> Void = { _, _ in }) -> [[String]] {
    var generator = SeededGenerator(seed: 7)
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) } }
    return (0..<600).map { row in
      let (a, b, c) = (normal(), normal(), normal())
      var cells = ["\(a)", "\(b)", "\(c)", a * b + 0.1 * normal() > 0 ? "yes" : "no"]
      change(row, &cells)
      return cells
    }
  }

  private struct Planted {
    var header = "a,b,c,y"
    var rows = CheckTests.rows()
    var data = "standardize: true, split: {validation: 0.2, seed: 1}"
    var layers = "{dense: 32}, relu, {dense: 32}, relu, {dense: 2}"
    var loss = "softmax_cross_entropy"
    var optimizer = "{adam: {learning_rate: 0.003}}"
    var training = "{batch_size: 32, shards: 2, threads: 1, epochs: 20}"

    /// - Parameter threads: nil for what is written.
    func checks(threads: Int? = nil) throws -> [Check] {
      try withTemporaryFolder { folder in
        let text = ([header] + rows.map { $0.joined(separator: ",") }).joined(separator: "\n") + "\n"
        try write(text, to: "\(folder)/t.csv")
        let yaml = """
          data: {source: {csv: {path: t.csv, target: y}}, \(data)}
          model: {layers: [\(layers)]}
          loss: \(loss)
          optimizer: \(optimizer)
          training: \(training)
          """
        try write(yaml, to: "\(folder)/c.yaml")
        let overrides = try threads.map { [try ConfigurationOverride("training.threads=\($0)")] } ?? []
        let configuration = try RunConfiguration(file: "\(folder)/c.yaml", overrides: overrides)
        return try Diagnosis.measure(configuration).checks(of: configuration)
      }
    }
  }

  private func faults(_ checks: [Check]) -> [Check.Kind] {
    checks.filter { $0.judgement == .fault }.map(\.kind)
  }

  private func expect(
    _ kind: Check.Kind, _ judgement: Check.Judgement = .fault, in checks: [Check],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let check = checks.first { $0.kind == kind }
    #expect(
      check?.judgement == judgement, "\(checks.map { "\($0.kind) \($0.judgement) \($0.finding)" })",
      sourceLocation: location)
  }

  @Test func soundRunHasNoFault() throws {
    let checks = try Planted().checks()
    #expect(faults(checks).isEmpty, "\(checks.filter { $0.judgement == .fault })")
    #expect(checks.map(\.kind) == Check.Kind.allCases)
    expect(.constantColumns, .passed, in: checks)
    expect(.duplicates, .passed, in: checks)
    expect(.tellingColumn, .passed, in: checks)
    expect(.startLoss, .passed, in: checks)
    expect(.oneBatch, .passed, in: checks)
    expect(.baselines, .passed, in: checks)
  }

  /// 1: the loader gives the same row again and again.
  @Test func inputsThatNeverMove() throws {
    var planted = Planted()
    planted.rows = Self.rows { _, cells in (cells[0], cells[1], cells[2]) = ("1", "2", "3") }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expect(.inputSpread, in: try planted.checks())
  }

  /// 2: a column in another unit.
  @Test func inputsUnscaled() throws {
    var planted = Planted()
    planted.rows = Self.rows { row, cells in cells[2] = "\(20_000 + row * 37 % 5000)" }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expect(.inputScale, in: try planted.checks())
  }

  /// 3: a column that holds one value.
  @Test func constantColumn() throws {
    var planted = Planted()
    planted.rows = Self.rows { _, cells in cells[2] = "4" }
    let checks = try planted.checks()
    expect(.constantColumns, .noted, in: checks)
    #expect(checks.first { $0.kind == .constantColumns }?.finding.contains("column \"c\"") == true)
  }

  /// 4: every row twice, before the split.
  @Test func copiesAcrossTheSplit() throws {
    var planted = Planted()
    planted.rows += planted.rows
    expect(.duplicates, in: try planted.checks())
  }

  /// Equal rows that come by chance are no copies: of 3 columns of 4 values there are 64 rows.
  @Test func fewValuesRepeatByChance() throws {
    var planted = Planted()
    var generator = SeededGenerator(seed: 3)
    planted.rows = Self.rows { _, cells in
      for place in 0..<3 { cells[place] = "\(Int.random(in: 0..<4, using: &generator))" }
    }
    expect(.duplicates, .noted, in: try planted.checks())
  }

  /// 5: the answer, written down in another column with a little noise.
  @Test(arguments: [false, true])
  func columnThatTells(isCategory: Bool) throws {
    var planted = Planted()
    planted.rows = Self.rows { row, cells in
      cells[2] =
        isCategory ? (cells[3] == "yes" ? "k\(row % 2)" : "k\(2 + row % 2)") : cells[3] == "yes" ? "0.9" : "0.1"
    }
    let checks = try planted.checks()
    expect(.tellingColumn, in: checks)
    #expect(checks.first { $0.kind == .tellingColumn }?.finding.contains("column \"c\"") == true)
  }

  private static func regression(_ factor: Double, _ shift: Double) -> Planted {
    var planted = Planted()
    planted.rows = rows { _, cells in
      let (a, b) = (Double(cells[0]) ?? 0, Double(cells[1]) ?? 0)
      cells[3] = "\(shift + factor * (a * a + b))"
    }
    planted.layers = "{dense: 32}, relu, {dense: 32}, relu, {dense: 1}"
    planted.loss = "mean_squared_error"
    return planted
  }

  /// 6: targets in the thousands.
  @Test func targetsUnscaled() throws {
    var planted = Self.regression(3000, 50_000)
    expect(.targetScale, in: try planted.checks())
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    #expect(faults(try planted.checks()).isEmpty)
  }

  /// 7: inputs and targets sorted apart.
  @Test func inputsOfOtherRows() throws {
    var planted = Planted()
    let targets = planted.rows.map { $0[3] }
    for row in planted.rows.indices { planted.rows[row][3] = targets[(row * 217 + 11) % targets.count] }
    // Little enough to be learned by heart.
    planted.layers = "{dense: 128}, relu, {dense: 128}, relu, {dense: 2}"
    planted.training = "{batch_size: 32, shards: 2, threads: 1, epochs: 60}"
    expect(.baselines, in: try planted.checks())
  }

  /// 8: a last layer that starts too large.
  @Test func lossThatStartsTooHigh() throws {
    var planted = Planted()
    planted.layers = "{dense: 32}, relu, {dense: {units: 2, initializer: {normal: {stddev: 5}}}}"
    expect(.startLoss, in: try planted.checks())
  }

  /// 9: a learning rate that is far too large, and 10: far too small.
  @Test func learningRateTooLarge() throws {
    var planted = Self.regression(1, 0)
    planted.optimizer = "{sgd: {learning_rate: 0.5}}"
    planted.training = "{batch_size: 480, shards: 2, threads: 1, steps: 60}"
    let checks = try planted.checks()
    let found = Set(faults(checks))
    #expect(!found.isDisjoint(with: [.sharpness, .stepLength, .oneBatch]), "\(checks)")
  }

  @Test func learningRateTooSmall() throws {
    var planted = Planted()
    planted.optimizer = "{sgd: {learning_rate: 1.0e-6}}"
    let checks = try planted.checks()
    expect(.stepLength, in: checks)
    expect(.oneBatch, in: checks)
  }

  /// 11: a layer through which nothing but one number fits, 12: one batch that cannot be learned by heart.
  @Test func everythingOnOneLine() throws {
    var planted = Planted()
    planted.layers = "{dense: 32}, tanh, {dense: 1}, tanh, {dense: 32}, tanh, {dense: 2}"
    expect(.rank, in: try planted.checks())
  }

  @Test func nothingLearned() throws {
    var planted = Planted()
    planted.layers =
      "{dense: {units: 32, trainable: false}}, relu, {dropout: 0.95}, {dense: 2}"
    let checks = try planted.checks()
    #expect(checks.first { $0.kind == .oneBatch }?.judgement != .passed, "\(checks)")
  }

  // MARK: Other forms of them

  /// Inputs that are a millionth of what a network sees.
  @Test func inputsTooSmall() throws {
    var planted = Planted()
    planted.rows = Self.rows { _, cells in
      for place in 0..<3 { cells[place] = "\((Double(cells[place]) ?? 0) * 1e-6)" }
    }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expect(.inputScale, in: try planted.checks())
  }

  /// One value that is far out leaves nothing of all others, though mean and deviation are 0 and 1.
  @Test func oneSampleFarOut() throws {
    var planted = Planted()
    planted.rows = Self.rows { row, cells in if row == 6 { cells[1] = "1e6" } }
    expect(.inputScale, .noted, in: try planted.checks())
    planted = Self.regression(1, 0)
    planted.rows[6][3] = "1e6"
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    expect(.targetScale, in: try planted.checks())
  }

  /// The answer in another unit, of which a few are so large that they are most of all squares.
  @Test func columnThatTellsBySize() throws {
    var planted = Self.regression(1, 0)
    for row in planted.rows.indices {
      let (a, b) = (Double(planted.rows[row][0]) ?? 0, Double(planted.rows[row][1]) ?? 0)
      let target = Scalar.exp(2 * a * b)
      (planted.rows[row][2], planted.rows[row][3]) = ("\(3 * target + 1)", "\(target)")
    }
    expect(.tellingColumn, in: try planted.checks())
  }

  /// The answer with some noise, as a good feature might be.
  @Test func columnThatNearlyTells() throws {
    var planted = Planted()
    planted.rows = Self.rows { row, cells in
      cells[2] = (cells[3] == "yes") == (row % 40 != 0) ? "1" : "0"
    }
    expect(.tellingColumn, .noted, in: try planted.checks())
  }

  /// More columns than can be told from each other: all is learned by heart, whatever the inputs, and something of it
  /// holds all the same.
  @Test func learnedByHeartIsNoFault() throws {
    var planted = Planted()
    planted.header = ((0..<100).map { "c\($0)" } + ["y"]).joined(separator: ",")
    var generator = SeededGenerator(seed: 3)
    planted.rows = (0..<400).map { _ in
      let values = (0..<100).map { _ in Double.random(in: -1...1, using: &generator) }
      return values.map { "\($0)" } + [values[0] + values[1] + values[2] > 0 ? "a" : "b"]
    }
    #expect(faults(try planted.checks()).isEmpty)
  }

  /// A batch of all samples has a noise scale too: of smaller groups.
  @Test func noiseOfAWholeSet() throws {
    var planted = Planted()
    planted.training = "{batch_size: 480, shards: 2, threads: 1, steps: 40}"
    #expect(try planted.checks().first { $0.kind == .noiseScale }?.judgement != .skipped)
  }

  /// A model that has too few weights for a batch is no fault.
  @Test func fewWeights() throws {
    var planted = Planted()
    planted.layers = "{dense: 2}"
    expect(.oneBatch, .noted, in: try planted.checks())
  }

  // MARK: The same figures

  @Test(arguments: [2, 3])
  func sameOnAnyThreads(threads: Int) throws {
    #expect(try Planted().checks() == Planted().checks(threads: threads))
  }
}

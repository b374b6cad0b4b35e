import TestSupport
import Testing

@testable import LockstepExamination

/// Faults that are planted in a run are found, each by its check; where nothing is wrong nothing is said.
@Suite struct CheckTests {
  // MARK: Planted faults

  @Test func soundRunHasNoFault() throws {
    let checks = try PlantedRun().checks()
    #expect(faults(checks).isEmpty, "\(checks.filter { $0.judgement == .fault })")
    #expect(checks.map(\.kind) == Check.Kind.allCases)
    expectCheck(.constantColumns, .passed, in: checks)
    expectCheck(.duplicates, .passed, in: checks)
    expectCheck(.tellingColumn, .passed, in: checks)
    expectCheck(.startLoss, .passed, in: checks)
    expectCheck(.oneBatch, .passed, in: checks)
    expectCheck(.baselines, .passed, in: checks)
  }

  /// 1: the loader gives the same row again and again.
  @Test func inputsThatNeverMove() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { _, cells in (cells[0], cells[1], cells[2]) = ("1", "2", "3") }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expectCheck(.inputSpread, in: try planted.checks())
  }

  /// 2: a column in another unit.
  @Test func inputsUnscaled() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in cells[2] = "\(20_000 + row * 37 % 5000)" }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expectCheck(.inputScale, in: try planted.checks())
  }

  /// 3: a column that holds one value.
  @Test func constantColumn() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { _, cells in cells[2] = "4" }
    let checks = try planted.checks()
    expectCheck(.constantColumns, .noted, in: checks)
    #expect(checks.first { $0.kind == .constantColumns }?.finding.contains("column \"c\"") == true)
  }

  /// 4: every row twice, before the split.
  @Test func copiesAcrossTheSplit() throws {
    var planted = PlantedRun()
    planted.rows += planted.rows
    expectCheck(.duplicates, in: try planted.checks())
  }

  /// Equal rows that come by chance are no copies: of 3 columns of 4 values there are 64 rows.
  @Test func fewValuesRepeatByChance() throws {
    var planted = PlantedRun()
    var generator = SeededGenerator(seed: 3)
    planted.rows = PlantedRun.rows { _, cells in
      for place in 0..<3 { cells[place] = "\(Int.random(in: 0..<4, using: &generator))" }
    }
    expectCheck(.duplicates, .noted, in: try planted.checks())
  }

  /// 5: the answer, written down in another column with a little noise.
  @Test(arguments: [false, true])
  func columnThatTells(isCategory: Bool) throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in
      cells[2] =
        isCategory ? (cells[3] == "yes" ? "k\(row % 2)" : "k\(2 + row % 2)") : cells[3] == "yes" ? "0.9" : "0.1"
    }
    let checks = try planted.checks()
    expectCheck(.tellingColumn, in: checks)
    #expect(checks.first { $0.kind == .tellingColumn }?.finding.contains("column \"c\"") == true)
  }

  /// 6: targets in the thousands.
  @Test func targetsUnscaled() throws {
    var planted = PlantedRun.regression(3000, 50_000)
    expectCheck(.targetScale, in: try planted.checks())
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    #expect(faults(try planted.checks()).isEmpty)
  }

  /// 7: inputs and targets sorted apart.
  @Test func inputsOfOtherRows() throws {
    var planted = PlantedRun()
    let targets = planted.rows.map { $0[3] }
    for row in planted.rows.indices { planted.rows[row][3] = targets[(row * 217 + 11) % targets.count] }
    // Little enough to be learned by heart.
    planted.layers = "{dense: 128}, relu, {dense: 128}, relu, {dense: 2}"
    planted.training = "{batch_size: 32, shards: 2, threads: 1, epochs: 60}"
    expectCheck(.baselines, in: try planted.checks())
  }

  /// 8: a last layer that starts too large.
  @Test func lossThatStartsTooHigh() throws {
    var planted = PlantedRun()
    planted.layers = "{dense: 32}, relu, {dense: {units: 2, initializer: {normal: {stddev: 5}}}}"
    expectCheck(.startLoss, in: try planted.checks())
  }

  /// 9: a learning rate that is far too large, and 10: far too small.
  @Test func learningRateTooLarge() throws {
    var planted = PlantedRun.regression(1, 0)
    planted.optimizer = "{sgd: {learning_rate: 0.5}}"
    planted.training = "{batch_size: 480, shards: 2, threads: 1, steps: 60}"
    let checks = try planted.checks()
    let found = Set(faults(checks))
    #expect(!found.isDisjoint(with: [.sharpness, .stepLength, .oneBatch]), "\(checks)")
  }

  @Test func learningRateTooSmall() throws {
    var planted = PlantedRun()
    planted.optimizer = "{sgd: {learning_rate: 1.0e-6}}"
    let checks = try planted.checks()
    expectCheck(.stepLength, in: checks)
    expectCheck(.oneBatch, in: checks)
  }

  /// 11: a layer through which nothing but one number fits, 12: one batch that cannot be learned by heart.
  @Test func everythingOnOneLine() throws {
    var planted = PlantedRun()
    planted.layers = "{dense: 32}, tanh, {dense: 1}, tanh, {dense: 32}, tanh, {dense: 2}"
    expectCheck(.rank, in: try planted.checks())
  }

  @Test func nothingLearned() throws {
    var planted = PlantedRun()
    planted.layers =
      "{dense: {units: 32, trainable: false}}, relu, {dropout: 0.95}, {dense: 2}"
    let checks = try planted.checks()
    #expect(checks.first { $0.kind == .oneBatch }?.judgement != .passed, "\(checks)")
  }

  // MARK: The same figures

  @Test(arguments: [2, 3])
  func sameOnAnyThreads(threads: Int) throws {
    #expect(try PlantedRun().checks() == PlantedRun().checks(threads: threads))
  }
}

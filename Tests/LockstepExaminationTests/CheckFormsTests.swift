import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepExamination

/// Other forms of the faults that `CheckTests` plants, and what looks like one and is none.
@Suite struct CheckFormsTests {
  /// Inputs that are a millionth of what a network sees.
  @Test func inputsTooSmall() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { _, cells in
      for place in 0..<3 { cells[place] = "\((Double(cells[place]) ?? 0) * 1e-6)" }
    }
    planted.data = "split: {validation: 0.2, seed: 1}"
    expectCheck(.inputScale, in: try planted.checks())
  }

  /// One value that is far out leaves nothing of all others, though mean and deviation are 0 and 1.
  @Test func oneSampleFarOut() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in if row == 6 { cells[1] = "1e6" } }
    let checks = try planted.checks()
    // What follows from it is no other fault.
    #expect(faults(checks) == [.inputScale], "\(checks)")
    planted = PlantedRun.regression(1, 0)
    planted.rows[6][3] = "1e6"
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    expectCheck(.targetScale, in: try planted.checks())
  }

  /// The answer in another unit, of which a few are so large that they are most of all squares.
  @Test func columnThatTellsBySize() throws {
    var planted = PlantedRun.regression(1, 0)
    for row in planted.rows.indices {
      let (a, b) = (Double(planted.rows[row][0]) ?? 0, Double(planted.rows[row][1]) ?? 0)
      let target = Scalar.exp(2 * a * b)
      (planted.rows[row][2], planted.rows[row][3]) = ("\(3 * target + 1)", "\(target)")
    }
    expectCheck(.tellingColumn, in: try planted.checks())
  }

  /// The answer with some noise, as a good feature might be.
  @Test func columnThatNearlyTells() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in
      cells[2] = (cells[3] == "yes") == (row % 40 != 0) ? "1" : "0"
    }
    expectCheck(.tellingColumn, .noted, in: try planted.checks())
  }

  /// More columns than can be told from each other: all is learned by heart, whatever the inputs, and something of it
  /// holds all the same.
  @Test func learnedByHeartIsNoFault() throws {
    var planted = PlantedRun()
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
    var planted = PlantedRun()
    planted.training = "{batch_size: 480, shards: 2, threads: 1, steps: 40}"
    #expect(try planted.checks().first { $0.kind == .noiseScale }?.judgement != .skipped)
  }

  /// A model that has too few weights for a batch is no fault.
  @Test func fewWeights() throws {
    var planted = PlantedRun()
    planted.layers = "{dense: 2}"
    expectCheck(.oneBatch, .noted, in: try planted.checks())
  }

  /// So do gaps that were written as a number.
  @Test func gapsAsANumber() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in if row % 20 == 6 { cells[1] = "-9999" } }
    let checks = try planted.checks()
    expectCheck(.inputScale, in: checks)
    #expect(checks.first { $0.kind == .inputScale }?.finding.contains("samples of one value") == true)
    // 10 beside 0 and 1 hides neither, and of two values none hides the other.
    for other in [2, 1] {
      planted.rows = PlantedRun.rows { row, cells in cells[2] = row % 5 == 0 ? "10" : "\(row % other)" }
      expectCheck(.inputScale, .passed, in: try planted.checks())
    }
  }

  /// A column that hardly ever moves has nothing that its largest value could hide.
  @Test func rareValueHidesNothing() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in cells[2] = row == 6 ? "7" : row == 90 ? "1" : "0" }
    expectCheck(.inputScale, .passed, in: try planted.checks())
  }

  /// Copies that differ in the digits that a table is written with, or in the last places of a float.
  @Test(arguments: [1e-4, 1e-6])
  func copiesButForRounding(step: Double) throws {
    var planted = PlantedRun()
    planted.rows += planted.rows.map { cells in
      cells[..<3].map { "\(((Double($0) ?? 0) / step).rounded() * step)" } + cells[3...]
    }
    expectCheck(.duplicates, in: try planted.checks())
  }

  /// Samples on a line lie as close to each other as there are many, and are no copies.
  @Test func samplesOnALine() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in
      for place in 0..<3 { cells[place] = "\(Double(row * (place + 1)) * 1e-3)" }
    }
    expectCheck(.duplicates, .passed, in: try planted.checks())
  }

  /// The total beside two of its parts, in units of their own, and any other function of all columns.
  @Test func columnsThatAddUp() throws {
    var planted = PlantedRun.regression(1, 0)
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    func plant(_ change: (Double, Double, Double) -> (Double, Double, Double)) {
      planted.rows = PlantedRun.rows { _, cells in
        let (a, b, target) = change(Double(cells[0]) ?? 0, Double(cells[1]) ?? 0, Double(cells[2]) ?? 0)
        (cells[0], cells[1], cells[3]) = ("\(a)", "\(b)", "\(target)")
      }
    }
    plant { a, b, _ in (900 + 30 * a, 20 * b, 900 + 30 * a - 20 * b) }
    let checks = try planted.checks()
    expectCheck(.tellingColumn, in: checks)
    #expect(
      checks.first { $0.kind == .tellingColumn }?.finding.contains("column \"a\", column \"b\" give the target") == true
    )
    plant { a, b, c in (a, b, a + 1.7 * b - 0.4 * c) }
    expectCheck(.tellingColumn, .noted, in: try planted.checks())
    plant { a, b, c in (a, b, a + b + 0.1 * c * c) }
    expectCheck(.tellingColumn, .passed, in: try planted.checks())
  }

  /// What the default initial weights give of standardised numbers is no fault, on any seed; weights of three times
  /// that deviation are one.
  @Test func numbersStartWhereWeightsPutThem() throws {
    var planted = PlantedRun.regression(1, 0)
    planted.data = "standardize: {features: true, targets: true}, split: {validation: 0.2, seed: 1}"
    expectCheck(.startLoss, .passed, in: try planted.checks())
    for loss in ["mean_squared_error", "mean_absolute_error", "{huber: {delta: 1}}"] {
      planted.loss = loss
      planted.layers = "{dense: 32}, relu, {dense: {units: 1, initializer: {normal: {stddev: 2}}}}"
      expectCheck(.startLoss, in: try planted.checks())
    }
  }

  /// Two samples are few, and nothing that their loss starts with is a fault.
  @Test func twoSamples() throws {
    var planted = PlantedRun.regression(1, 0)
    planted.rows = [["1", "2", "3", "0.5"], ["2", "1", "0", "-0.4"]]
    planted.data = "standardize: false"
    planted.training = "{batch_size: 2, shards: 1, threads: 1, steps: 40}"
    #expect(faults(try planted.checks()).isEmpty)
  }

  /// Ten classes behind two units, in the first layer.
  @Test func bottleneckOfTheFirstLayer() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { row, cells in cells[3] = "k\(row % 10)" }
    planted.layers = "{dense: 2}, relu, {dense: 32}, relu, {dense: 10}"
    let checks = try planted.checks()
    expectCheck(.rank, .noted, in: checks)
    #expect(checks.first { $0.kind == .rank }?.finding.contains("relu0 has 2 units") == true)
  }

  /// What a linear model has learned already is no fault of a network whose rate is being warmed up.
  @Test func aheadOfTheWarmUp() throws {
    var planted = PlantedRun()
    planted.rows = PlantedRun.rows { _, cells in cells[3] = (Double(cells[0]) ?? 0) > 0.3 ? "yes" : "no" }
    planted.optimizer = "{sgd: {learning_rate: 0.001}}\nschedule: {cosine: {warmup: 5000}}"
    planted.training = "{batch_size: 32, shards: 2, threads: 1, epochs: 500}"
    expectCheck(.baselines, .noted, in: try planted.checks())
    planted.optimizer = "{sgd: {learning_rate: 0.00003}}"
    expectCheck(.baselines, in: try planted.checks())
  }
}

import LockstepKernels
import TestSupport
import Testing

@testable import LockstepTraining

/// In how many directions samples differ, of values whose directions are known.
@Suite struct RankRecordTests {
  /// Orthogonal directions with the variances `sizes`: (Σ λ)² / Σ λ².
  @Test(arguments: [[1], [1, 1], [1, 1, 1, 1], [4, 1], [9, 4, 1, 1]])
  func ratioOfKnownVariances(sizes: [Float]) throws {
    // The rows ±√size along each axis have no mean and that covariance.
    let (rows, units) = (2 * sizes.count, sizes.count + 3)
    let memory = Arena(count: rows * units)
    let values = memory.matrix(at: 0, rows: rows, columns: units)
    for (axis, size) in sizes.enumerated() {
      values[2 * axis, axis] = size.squareRoot()
      values[2 * axis + 1, axis] = -size.squareRoot()
    }
    // A mean of its own for every unit changes nothing.
    for row in 0..<rows { for unit in 0..<units { values[row, unit] += Float(unit) } }
    let record = RankRecord(units: units)
    // In two parts, as shards give them.
    record.add(output: values.rows(0..<1))
    record.add(output: values.rows(1..<rows))
    let sum = sizes.reduce(0, +)
    let squares = sizes.reduce(0) { $0 + $1 * $1 }
    expectClose(
      actual: try #require(record.ratio()), expected: Double(sum * sum / squares), absolute: 0, relative: 1e-5)
  }

  @Test func nothingDiffers() {
    let memory = Arena(count: 12)
    memory.all.fill(3)
    let record = RankRecord(units: 4)
    record.add(output: memory.matrix(at: 0, rows: 3, columns: 4))
    #expect(record.ratio() == nil)
    #expect(RankRecord(units: 4).ratio() == nil)
  }

  /// Of very many rows the first are enough, and of very large layers few.
  @Test(arguments: [3, 5000, 200_000])
  func rowsAreBounded(units: Int) throws {
    var generator = SeededGenerator(seed: 2)
    let memory = Arena(count: 40 * units)
    for place in 0..<memory.count { memory.all[place] = Float.random(in: -1...1, using: &generator) }
    let record = RankRecord(units: units)
    for _ in 0..<10 { record.add(output: memory.matrix(at: 0, rows: 40, columns: units)) }
    let ratio = try #require(record.ratio())
    #expect(ratio > 1 && ratio <= 40)
  }
}

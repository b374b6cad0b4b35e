import Foundation
import LockstepRuns
import Testing

@testable import LockstepStudies

/// The rungs of successive halving against the formulas of the papers.
@Suite struct SearchStrategyTests {
  private func rungs(_ trials: Int, _ length: Int, eta: Int = 3, least: Int? = nil) throws -> [(Int, Int)] {
    try Search.Strategy.halving(eta: eta, minimumSteps: least).rungs(trials: trials, length: length).map {
      ($0.trials, $0.steps(of: length))
    }
  }

  /// Li et al. 2018, table 1: with R = 81 and η = 3 the brackets s = 4, 3, 2, 1, 0.
  @Test func bracketsOfHyperband() throws {
    let table: [(trials: Int, least: Int, rungs: [(Int, Int)])] = [
      (81, 1, [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)]), (27, 3, [(27, 3), (9, 9), (3, 27), (1, 81)]),
      (9, 9, [(9, 9), (3, 27), (1, 81)]), (6, 27, [(6, 27), (2, 81)]), (5, 81, [(5, 81)]),
    ]
    for row in table {
      #expect(try rungs(row.trials, 81, least: row.least).elementsEqual(row.rungs, by: ==), "\(row)")
    }
  }

  /// n_i = ⌊n η^−i⌋ and r_i = ⌊R η^(i−s)⌋ in floating point, s as large as n and r allow.
  @Test func formulas() throws {
    for eta in 2...5 {
      for trials in [1, 2, 3, 7, 40, 81, 100, 1000] {
        for (length, least) in [(1, 1), (20, 1), (20, 3), (1000, 1), (1000, 10), (29_310, 100), (29_310, 29_310)] {
          let base = Double(eta)
          let most = min(log(Double(trials)) / log(base), log(Double(length) / Double(least)) / log(base))
          let s = Int((most + 1e-9).rounded(.down))
          let expected = (0...s).map { i in
            (Int(Double(trials) * pow(base, -Double(i)) + 1e-9), Int(Double(length) * pow(base, Double(i - s)) + 1e-9))
          }
          let found = try rungs(trials, length, eta: eta, least: least)
          #expect(found.elementsEqual(expected, by: ==), "η \(eta), n \(trials), R \(length), r \(least): \(found)")
          #expect(found[0].1 >= least && found.last?.1 == length)
        }
      }
    }
  }

  /// Where nothing is said of the least steps, trials are cut twice, or as often as there are trials and steps for.
  @Test func cutTwiceUnlessSaid() throws {
    let table: [(trials: Int, length: Int, eta: Int, rungs: [(Int, Int)])] = [
      (81, 81, 3, [(81, 9), (27, 27), (9, 81)]), (40, 900, 3, [(40, 100), (13, 300), (4, 900)]),
      (40, 900, 2, [(40, 225), (20, 450), (10, 900)]), (9, 900, 3, [(9, 100), (3, 300), (1, 900)]),
      (8, 900, 3, [(8, 300), (2, 900)]), (2, 900, 3, [(2, 900)]), (100, 8, 3, [(100, 2), (33, 8)]),
    ]
    for row in table {
      #expect(try rungs(row.trials, row.length, eta: row.eta).elementsEqual(row.rungs, by: ==), "\(row)")
    }
  }

  @Test func randomSearchTrainsAllToTheEnd() throws {
    #expect(try Search.Strategy.random.rungs(trials: 7, length: 20) == [Search.Rung(trials: 7, divisor: 1)])
  }

  @Test func badInput() {
    for (eta, least, expected) in [
      (1, nil, "--eta 1: expected at least 2"), (-3, nil, "--eta -3"),
      (3, 0, "--min-steps 0: expected 1 … 20, the steps of a trial"), (3, 21, "--min-steps 21: expected 1 … 20"),
    ] as [(Int, Int?, String)] {
      let error = #expect(throws: RunError.self) { try rungs(5, 20, eta: eta, least: least) }
      #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(expected))
    }
    #expect(throws: Never.self) { try rungs(.max, .max, eta: .max) }
  }
}

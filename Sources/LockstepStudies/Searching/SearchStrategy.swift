import LockstepFormats
import LockstepRuns

extension Search {
  /// Which trials are trained for how long.
  public enum Strategy: Sendable, Equatable {
    /// All of them to their end — Bergstra, Bengio 2012, "Random search for hyper-parameter optimization",
    /// https://www.jmlr.org/papers/v13/bergstra12a.html
    case random
    /// All of them to their end; from the eleventh on, settings are drawn where those of the best trials before lie
    /// densely and those of others do not: the tree-structured Parzen estimator — Bergstra et al. 2011,
    /// https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization
    case tpe
    /// Successive halving: all of them for a few steps, the best 1/η of these for η times as many, and so on to the end
    /// — Jamieson, Talwalkar 2016, https://arxiv.org/abs/1502.07943; Li et al. 2018, "Hyperband",
    /// https://arxiv.org/abs/1603.06560
    ///
    /// - Parameters:
    ///   - eta: η, the reduction factor.
    ///   - minimumSteps: which each trial is trained for at least; nil for those of a trial by η², from where what is
    ///     best says something of the end.
    case halving(eta: Int = 3, minimumSteps: Int? = nil)

    /// Its word on the command line.
    public var name: String {
      switch self {
      case .random: "random"
      case .tpe: "tpe"
      case .halving: "halving"
      }
    }

    /// Times that trials are cut unless the least steps are said: docs/experiments/search.md has what three cost.
    private static let cuts = 2

    /// The stages. With s the largest number for which η^s ≤ n and R/η^s ≥ r, stage i of 0 … s trains ⌊n η^−i⌋ trials
    /// to ⌊R η^(i−s)⌋ steps, as algorithm 1 of Li et al. does in one bracket. Without r, s is 2 at most.
    ///
    /// - Parameters:
    ///   - trials: n.
    ///   - length: R, the steps of a whole trial.
    /// - Throws: `RunError.input` where η is below 2, or r is not of 1 … R.
    func rungs(trials: Int, length: Int) throws(RunError) -> [Rung] {
      guard case .halving(let eta, let minimumSteps) = self else { return [Rung(trials: trials, divisor: 1)] }
      guard eta >= 2 else { throw .input("--eta \(eta): expected at least 2") }
      let least = minimumSteps ?? 1
      guard (1...max(1, length)).contains(least) else {
        throw .input("--min-steps \(least): expected 1 … \(length), the steps of a trial")
      }
      let most = minimumSteps == nil ? Self.cuts : .max
      var divisors = [1]
      while divisors.count <= most, let last = divisors.last, last <= trials / eta, last <= length / least / eta {
        divisors.append(last * eta)
      }
      return zip(divisors, divisors.reversed()).map { Rung(trials: trials / $0, divisor: $1) }
    }
  }

  /// A stage of a search.
  public struct Rung: Sendable, Equatable {
    /// How many trials come to it, at most: those that diverge do not.
    public var trials: Int
    /// How many times as long a whole trial is.
    public var divisor: Int

    /// The steps to which it trains a trial that has `length` in all.
    public func steps(of length: Int) -> Int { max(1, length / divisor) }
  }
}

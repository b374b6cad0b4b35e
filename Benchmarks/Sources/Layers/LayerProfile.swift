import LockstepKernels
import LockstepModel
import LockstepTraining

/// Where the time of a step on one worker goes, in seconds a step: the best of several turns.
struct LayerProfile {
  /// All layers of a kind.
  struct LayerTimes {
    var name: String
    /// Whether it multiplies by weights.
    var multiplies: Bool
    var forward = 0.0
    /// The gradients of weights, biases, γ, β and slopes.
    var parameters = 0.0
    /// What the gradient of its input adds to that.
    var input = 0.0
    var seconds: Double { forward + parameters + input }
  }

  var rows: Int
  /// Of the products forward of one sample: of all layers, and of the first, which has no input gradient.
  var multiplyAdds: Double
  var firstMultiplyAdds: Double
  /// In the order in which they appear.
  var kinds: [LayerTimes]
  var data: Double
  var loss: Double
  /// As the trainer itself measures them, on one thread.
  var phases: [(phase: Phase, seconds: Double)]

  /// The layers and the loss together, walked one by one.
  var walked: Double { kinds.reduce(loss) { $0 + $1.seconds } }

  /// - Parameters:
  ///   - turns: of which the best counts.
  ///   - turn: seconds of each.
  static func measure(_ workload: Workload, turns: Int = 12, turn: Double = 0.06) throws -> LayerProfile {
    let walk = try LayerWalk(workload)
    var steps = try StepTurns(workload, threads: 1)
    let once = try Stopwatch.seconds { _ = try walk.pass(count: 1, rehearsing: false) }
    let count = max(1, Int(turn / once))
    var (whole, rehearsed): ([LayerWalk.Part: Double], [LayerWalk.Part: Double]) = ([:], [:])
    for _ in 0..<turns {
      try steps.take(seconds: turn)
      whole = lesser(whole, try walk.pass(count: count, rehearsing: false))
      rehearsed = lesser(rehearsed, try walk.pass(count: count, rehearsing: true))
    }
    func seconds(_ parts: [LayerWalk.Part: Double], _ part: LayerWalk.Part) -> Double {
      (parts[part] ?? 0) / Double(count)
    }
    let network = try Network(workload.model, seed: 1)
    let weighted = Set(network.denseLayers.map { kind(of: $0.path) })
    var kinds: [LayerTimes] = []
    for path in network.layerPaths {
      let name = kind(of: path)
      let place = kinds.firstIndex { $0.name == name } ?? kinds.endIndex
      if place == kinds.endIndex { kinds.append(LayerTimes(name: name, multiplies: weighted.contains(name))) }
      let backward = seconds(whole, .backward(layer: path))
      let own = min(seconds(rehearsed, .parameters(layer: path)), backward)
      kinds[place].forward += seconds(whole, .forward(layer: path))
      kinds[place].parameters += own
      kinds[place].input += backward - own
    }
    let products = network.products
    func sum(_ products: [LayerProducts]) -> Double { products.reduce(0) { $0 + $1.forwardMultiplyAdds } }
    return LayerProfile(
      rows: walk.rows, multiplyAdds: sum(products), firstMultiplyAdds: sum(products.filter { !$0.hasInputGradient }),
      kinds: kinds,
      data: seconds(whole, .data), loss: seconds(whole, .loss),
      phases: steps.best.phases)
  }

  /// Whichever took less time in all; the first turn has none before it.
  private static func lesser(
    _ a: [LayerWalk.Part: Double], _ b: [LayerWalk.Part: Double]
  ) -> [LayerWalk.Part: Double] {
    a.isEmpty || b.values.reduce(0, +) < a.values.reduce(0, +) ? b : a
  }

  /// `batch_norm` of `repeat0.3.batch_norm0`.
  static func kind(of path: String) -> String {
    var name = path.split(separator: ".").last ?? ""
    while name.last?.isNumber == true { name.removeLast() }
    return String(name)
  }
}

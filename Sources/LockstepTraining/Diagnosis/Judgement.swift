import Libc
import LockstepModel

extension Diagnosis.Stage {
  /// Everything that is wrong, the worst first: what is no number any more, then trends by their decades, then
  /// saturated, dying, lost updates, imprecise.
  ///
  /// - Parameter start: the stage of step 0, against which units have died.
  func judge(against start: Diagnosis.Stage?) -> [Diagnosis.Finding] {
    let overflow = layers.first { $0.rms == nil }?.name
    let lost = overflow == nil ? points.last { $0.hasGradient && layers[$0.layer].gradientRMS == nil }?.name : nil
    let signal = Trend(self, \.rms, growth: signalGrowth, isForward: true)
    let gradient = Trend(self, \.gradientRMS, growth: gradientGrowth, isForward: false)
    // Behind a signal that is no number neither zeros nor gradients say anything.
    let trends =
      overflow != nil
      ? [signal.exploding(.explodingSignal, lost: overflow)]
      : [
        signal.vanishing(.vanishingSignal), signal.exploding(.explodingSignal, lost: nil),
        gradient.vanishing(.vanishingGradient), gradient.exploding(.explodingGradient, lost: lost),
      ]
    let found = trends.compactMap { $0 }.sorted { $0.severity > $1.severity }
    // A step that is lost because hardly any gradient came is told by the gradient.
    let shares = [saturation, start.flatMap(death), found.isEmpty ? loss(since: start) : nil, imprecision]
    return found + shares.compactMap { $0 }
  }

  /// The first of the activations behind which all samples look alike: what is left of their differences is a
  /// ten-thousandth of the signal, near the last digits of float32. No verdict of its own, because a gradient that
  /// vanishes comes with it; but the reason why nothing can be learned.
  public var samplesLostAt: Diagnosis.Layer? {
    points.lazy.map { layers[$0.layer] }.first { layer in
      guard let deviation = layer.stddev, let rms = layer.rms else { return false }
      return rms > 0 && deviation < Diagnosis.Threshold.alike * rms
    }
  }

  private var saturation: Diagnosis.Finding? {
    let saturated = layers.filter { ($0.saturated ?? 0) > Diagnosis.Threshold.saturated }
    return share(.saturated, saturated.map { ($0.name, $0.saturated ?? 0) })
  }

  private func death(since start: Diagnosis.Stage) -> Diagnosis.Finding? {
    let died = zip(layers, start.layers).compactMap { now, then in
      now.dead.flatMap { dead in then.dead.map { (now.name, dead - $0) } }
    }
    return share(.dying, died.filter { $0.1 >= Diagnosis.Threshold.dying })
  }

  /// Steps that the weights do not take. They are small for good reason where the schedule leaves hardly anything of
  /// the learning rate, or data that is fitted of the gradient.
  private func loss(since start: Diagnosis.Stage?) -> Diagnosis.Finding? {
    guard learningRateFactor >= Diagnosis.Threshold.rate else { return nil }
    let stuck = layers.indices.filter { index in
      guard (layers[index].updateLost ?? 0) > Diagnosis.Threshold.lost else { return false }
      let before = start.flatMap { $0.layers[index].gradientRMS } ?? 0
      return (layers[index].gradientRMS ?? 0) * Diagnosis.Threshold.total >= before
    }
    return share(.lostUpdates, stuck.map { (layers[$0].name, layers[$0].updateLost ?? 0) })
  }

  private var imprecision: Diagnosis.Finding? {
    let blurred = layers.filter { ($0.signalRounding ?? 0) > Diagnosis.Threshold.imprecise }
    return share(.imprecise, blurred.map { ($0.name, $0.signalRounding ?? 0) })
  }

  private func share(_ verdict: Verdict, _ layers: [(name: String, share: Double)]) -> Diagnosis.Finding? {
    guard let first = layers.first, let last = layers.last else { return nil }
    return Diagnosis.Finding(
      verdict: verdict, layer: first.name, end: last.name, share: layers.map(\.share).max())
  }
}

/// A figure at the points in the order of its pass: forward for the signal, backward for the gradient.
private struct Trend {
  private let values: [(layer: String, value: Double?)]
  /// Fitted: by what it changes at a dense layer, in the order of the pass.
  private let factor: Double?
  /// Dense layers from the first point to the last.
  private let length: Int

  init(
    _ stage: Diagnosis.Stage, _ figure: KeyPath<Diagnosis.Layer, Double?>, growth: Double?, isForward: Bool
  ) {
    let ordered = isForward ? stage.points : stage.points.filter(\.hasGradient).reversed()
    values = ordered.map { (stage.layers[$0.layer].name, stage.layers[$0.layer][keyPath: figure]) }
    factor = isForward ? growth : growth.map { 1 / $0 }
    length = abs((ordered.last?.dense ?? 0) - (ordered.first?.dense ?? 0))
  }

  /// By how much the fit says that the figure is larger at the end.
  private var total: Double { factor.map { pow($0, Double(length)) } ?? 1 }

  private var beginning: Double? { values.first?.value }
  private var ratio: Double? {
    guard let beginning, let end = values.last?.value else { return nil }
    return beginning > 0 ? end / beginning : 0
  }

  /// Where something has come to nothing, or the fit falls too far.
  func vanishing(_ verdict: Verdict) -> Diagnosis.Finding? {
    let gone = values.first { $0.value == 0 }
    let falls = Self.isBeyond(1 / total, factor.map { 1 / $0 })
    guard gone != nil || falls else { return nil }
    let since = values.first { point in
      guard let value = point.value, let beginning else { return false }
      return value == 0 || value * Diagnosis.Threshold.visible < beginning
    }
    return finding(verdict, since: (since ?? gone)?.layer, severity: gone == nil ? -log10(total) : .infinity)
  }

  /// Where the fit rises too far, or something is no finite number any more: first in the layer `lost`.
  func exploding(_ verdict: Verdict, lost: String?) -> Diagnosis.Finding? {
    guard lost != nil || Self.isBeyond(total, factor) else { return nil }
    let since = values.first { point in
      guard let value = point.value, let beginning else { return false }
      return value > beginning * Diagnosis.Threshold.visible
    }
    var found = finding(verdict, since: since?.layer ?? lost, severity: lost == nil ? log10(total) : .infinity)
    // Zeros behind what is no number say nothing about what is left.
    if lost != nil { found?.ratio = nil }
    return found
  }

  private static func isBeyond(_ total: Double, _ factor: Double?) -> Bool {
    guard let factor else { return false }
    return total > Diagnosis.Threshold.extreme
      || total > Diagnosis.Threshold.total && factor > Diagnosis.Threshold.layer
  }

  private func finding(_ verdict: Verdict, since layer: String?, severity: Double) -> Diagnosis.Finding? {
    guard let last = values.last else { return nil }
    return Diagnosis.Finding(
      verdict: verdict, layer: layer ?? last.layer, end: last.layer, factor: factor, ratio: ratio, severity: severity)
  }
}

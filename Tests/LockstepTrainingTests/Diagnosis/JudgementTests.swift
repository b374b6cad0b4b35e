import LockstepModel
import Testing

@testable import LockstepTraining

/// Verdicts on figures made by hand.
@Suite struct JudgementTests {
  private func stage(
    signal: [Double?], gradient: [Double?], saturated: [Double?]? = nil, dead: [Double?]? = nil,
    lost: [Double?]? = nil, rounding: [Double?]? = nil, rate: Double = 1
  ) -> Diagnosis.Stage {
    let layers = signal.indices.map { index in
      Diagnosis.Layer(
        name: "relu\(index)", kind: "relu", shape: .features(10), mean: 0, stddev: 1, rms: signal[index], quantiles: [],
        saturated: saturated?[index], dead: dead?[index], gradientRMS: gradient[index],
        updateLost: lost?[index], signalRounding: rounding?[index])
    }
    let points = signal.indices.map { Diagnosis.Point(dense: $0, name: "dense\($0)", layer: $0) }
    return Diagnosis.Stage(
      step: 0, layers: layers, points: points, signalGrowth: Growth.fit(signal.enumerated().map { ($0, $1) }),
      gradientGrowth: Growth.fit(gradient.enumerated().map { ($0, $1) }), findings: [], rows: 1, batches: 1,
      learningRateFactor: rate)
  }

  /// `count` values, each `factor` times the one before.
  private func sequence(_ count: Int, _ factor: Double, from first: Double = 1) -> [Double?] {
    var value = first
    return (0..<count).map { _ in
      defer { value *= factor }
      return value
    }
  }

  private func verdicts(_ signal: [Double?], _ gradient: [Double?]) -> [Verdict] {
    stage(signal: signal, gradient: gradient).judge(against: nil).map(\.verdict)
  }

  @Test func theThresholdsAreThoseSaid() {
    let even = sequence(10, 1)
    #expect(verdicts(even, even) == [])
    // Over nine steps: 0.61⁹ = 0.0117 and 0.59⁹ = 0.0087, the bound is 0.01.
    #expect(verdicts(sequence(10, 0.61), even) == [])
    #expect(verdicts(sequence(10, 0.59), even) == [.vanishingSignal])
    #expect(verdicts(sequence(10, 1.65), even) == [])
    #expect(verdicts(sequence(10, 1.7), even) == [.explodingSignal])
    // The gradient is passed from the last layer to the first.
    #expect(verdicts(even, sequence(10, 1.7)) == [.vanishingGradient])
    #expect(verdicts(even, sequence(10, 0.59)) == [.explodingGradient])
    // A hundred layers at 0.92 make 2.6e-4, and no layer is to blame; two hundred make 6e-8, which float32 cannot hold
    // beside 1.
    #expect(verdicts(sequence(100, 0.92), sequence(100, 1)) == [])
    #expect(verdicts(sequence(100, 0.89), sequence(100, 1)) == [.vanishingSignal])
    #expect(verdicts(sequence(200, 0.92), sequence(200, 1)) == [.vanishingSignal])
    #expect(verdicts(sequence(200, 1.08), sequence(200, 1)) == [.explodingSignal])
  }

  @Test func theWorstComesFirst() {
    #expect(verdicts(sequence(10, 0.5), sequence(10, 4)) == [.vanishingGradient, .vanishingSignal])
    #expect(verdicts(sequence(10, 0.25), sequence(10, 2)) == [.vanishingSignal, .vanishingGradient])
    let saturated = stage(
      signal: sequence(10, 1), gradient: sequence(10, 0.4), saturated: sequence(10, 1, from: 0.6))
    #expect(saturated.judge(against: nil).map(\.verdict) == [.explodingGradient, .saturated])
  }

  @Test func sinceIsMetOnTheWay() throws {
    let gradient = try #require(
      stage(signal: sequence(10, 1), gradient: sequence(10, 2)).judge(against: nil).first)
    // Backward from relu9: 2⁻⁴ is the first below a tenth.
    #expect(gradient.layer == "relu5" && gradient.end == "relu0")
    #expect(abs((gradient.factor ?? 0) - 0.5) < 1e-12 && abs((gradient.ratio ?? 0) - 1 / 512) < 1e-12)
    let signal = try #require(
      stage(signal: sequence(10, 3), gradient: sequence(10, 1)).judge(against: nil).first)
    #expect(signal.layer == "relu3" && signal.end == "relu9")
  }

  @Test func nothingIsVanishedToo() throws {
    let dead = stage(signal: [1, 0, 0], gradient: [0, 0, 1]).judge(against: nil)
    #expect(dead.map(\.verdict) == [.vanishingSignal, .vanishingGradient])
    #expect(dead.map(\.layer) == ["relu1", "relu1"])
    // A single hidden layer has no growth, but may be dead.
    #expect(verdicts([0], [0]) == [.vanishingSignal, .vanishingGradient])
    #expect(verdicts([1], [1]) == [])
  }

  /// Behind what is no number, zeros and gradients are none either.
  @Test func whatIsNoNumberHasExploded() throws {
    let lost = stage(signal: [1, 1e30, nil, 0], gradient: [nil, nil, nil, 0]).judge(against: nil)
    #expect(lost.map(\.verdict) == [.explodingSignal])
    #expect(lost.first?.layer == "relu1" && lost.first?.ratio == nil)
    let backward = stage(signal: [1, 1, 1], gradient: [nil, 1e30, 1]).judge(against: nil)
    #expect(backward.map(\.verdict) == [.explodingGradient])
    #expect(backward.first?.layer == "relu1" && backward.first?.ratio == nil)
  }

  @Test func saturatedIsOverHalfOfALayer() {
    let even = sequence(3, 1)
    #expect(stage(signal: even, gradient: even, saturated: [0.5, 0.5, 0.5]).judge(against: nil) == [])
    let found = stage(signal: even, gradient: even, saturated: [0.1, 0.51, 0.7]).judge(against: nil)
    #expect(found.map(\.verdict) == [.saturated])
    #expect(found.first?.layer == "relu1" && found.first?.end == "relu2" && found.first?.share == 0.7)
  }

  @Test func dyingIsJudgedAgainstTheStart() {
    let even = sequence(3, 1)
    let start = stage(signal: even, gradient: even, dead: [0.3, 0.6, 0])
    let end = stage(signal: even, gradient: even, dead: [0.3, 0.85, 0.1])
    #expect(start.judge(against: nil) == [], "never at the start")
    #expect(end.judge(against: start).map(\.verdict) == [.dying])
    #expect(end.judge(against: start).first?.layer == "relu1")
    #expect(start.judge(against: end) == [], "who comes back to life is not dying")
  }

  @Test func updatesAreLostWhereNineOfTenAre() {
    let even = sequence(3, 1)
    func verdicts(
      _ lost: [Double?], gradient: [Double?]? = nil, rate: Double = 1, start: Diagnosis.Stage? = nil
    ) -> [Verdict] {
      stage(signal: even, gradient: gradient ?? even, lost: lost, rate: rate).judge(against: start).map(\.verdict)
    }
    #expect(verdicts([0.9, nil, 0.9]) == [])
    #expect(verdicts([0.1, nil, 0.91]) == [.lostUpdates])
    #expect(verdicts([0.1, nil, 1], rate: 0.1) == [.lostUpdates])
    #expect(verdicts([0.1, nil, 1], rate: 0.09) == [], "the schedule has taken the learning rate away")
    let start = stage(signal: even, gradient: even)
    let fitted = sequence(3, 1, from: 0.0099)
    #expect(verdicts([1, 1, 1], gradient: fitted, start: start) == [], "nothing is left to be learned")
    #expect(verdicts([1, 1, 1], gradient: sequence(3, 1, from: 0.0101), start: start) == [.lostUpdates])
    #expect(verdicts([1, 1, 0], gradient: [0, 1, 1]) == [.vanishingGradient], "no update without a gradient")
  }

  @Test func impreciseIsOverHalfOfTheSpread() {
    let even = sequence(3, 1)
    #expect(stage(signal: even, gradient: even, rounding: [0.5, 0.1, nil]).judge(against: nil) == [])
    let found = stage(signal: even, gradient: even, lost: [1, 1, 1], rounding: [0.1, 0.51, 7]).judge(against: nil)
    #expect(found.map(\.verdict) == [.lostUpdates, .imprecise])
    #expect(found.last?.layer == "relu1" && found.last?.end == "relu2" && found.last?.share == 7)
  }
}

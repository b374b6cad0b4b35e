import Testing

@testable import LockstepResults

@Suite("Ranking curves and reliability")
struct RankingCurvesTests {
  /// By hand: thresholds 3, 2 (two tied), 1.
  @Test func tiesPassTogether() throws {
    let curves = try #require(
      RankingCurves(scores: [3, 2, 2, 1], isPositive: [true, true, false, false]))
    #expect(curves.areaUnderROC == 3.5 / 4)
    #expect(curves.averagePrecision == 0.5 * 1 + 0.5 * 2 / 3)
    #expect(curves.roc.map(\.x) == [0, 0, 0.5, 1] && curves.roc.map(\.y) == [0, 0.5, 1, 1])
    #expect(curves.precisionRecall.map(\.x) == [0.5, 1] && curves.precisionRecall.map(\.y) == [1, 2.0 / 3])
  }

  @Test func oneKindAloneHasNoCurve() {
    #expect(RankingCurves(scores: [1, 2], isPositive: [true, true]) == nil)
    #expect(RankingCurves(scores: [1, 2], isPositive: [false, false]) == nil)
    #expect(RankingCurves(scores: [1, .nan], isPositive: [true, false]) == nil)
  }

  /// However many samples there are, a curve is as long as a picture needs, and its ends stay.
  @Test func curvesAreThinned() throws {
    let scores = (0..<200_000).map { Double($0 * 7919 % 200_003) }
    let isPositive = (0..<200_000).map { ($0 * 31 + $0 / 7) % 3 == 0 }
    let curves = try #require(RankingCurves(scores: scores, isPositive: isPositive))
    #expect(curves.roc.count < 400 && curves.precisionRecall.count < 1000)
    #expect(curves.roc.last == .init(1, 1) && curves.precisionRecall.last?.x == 1)
    // What is drawn has the area that was counted.
    let drawn = zip(curves.roc, curves.roc.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.1.y + $1.0.y) / 2 }
    #expect(abs(drawn - curves.areaUnderROC) < 0.005)
  }

  @Test func binsAreClosedAbove() {
    var reliability = Reliability()
    for probability in [0, 1.0 / 15, 1.0 / 15 + 1e-9, 1] { reliability.add(probability, isTrue: probability > 0.5) }
    #expect(reliability.bins[0].count == 2 && reliability.bins[1].count == 1 && reliability.bins[14].count == 1)
    #expect(reliability.bins[2].confidence == nil && reliability.bins[2].share == nil)
    let expected = (1.0 / 15 + (1.0 / 15 + 1e-9)) / 4
    #expect(abs(reliability.expectedError - expected) < 1e-15)
    #expect(Reliability().expectedError == 0)
  }

  @Test func choiceLiesEvenlyApart() {
    let some = EvenChoice(4, of: 10)
    #expect((0..<some.count).map { some[$0] } == [0, 2, 5, 7])
    let all = EvenChoice(.max, of: 3)
    #expect((0..<all.count).map { all[$0] } == [0, 1, 2])
  }

  @Test func worstAreKeptInOrder() {
    var gatherer = WorstGatherer()
    for number in 0..<40 {
      let loss = number == 17 ? Double.nan : Double(number * 7 % 20)
      guard gatherer.takes(loss) else { continue }
      gatherer.add(WorstSample(number: number, loss: loss, truth: "", predicted: ""))
    }
    #expect(gatherer.worst.first?.number == 17 && gatherer.worst.count == WorstGatherer.most)
    let losses = gatherer.worst.dropFirst().map(\.loss)
    #expect(losses == losses.sorted(by: >) && losses.first == 19)
    // Of equal ones the first.
    #expect(gatherer.worst.filter { $0.loss == 18 }.map(\.number) == [14, 34])
  }

  @Test func histogramHoldsItsEnds() throws {
    let found = try #require(Histogram([0, 1, 2, 3, 4, .nan], bins: 4))
    #expect(found.counts == [1, 1, 1, 2] && found.low == 0 && found.high == 4)
    #expect(Histogram([5, 5])?.counts == [2])
    #expect(Histogram([]) == nil)
  }
}

import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

@Suite struct GrowthTests {
  @Test(arguments: [0.25, 0.9, 1, 1.1, 11.5])
  func aGeometricSequenceHasItsFactor(factor: Double) throws {
    var value = 3e-5
    let values = (0..<12).map { index in
      defer { value *= factor }
      return (index: index, value: Optional(value))
    }
    let growth = try #require(Growth.fit(values))
    expectClose(actual: growth, expected: factor, absolute: 0, relative: 1e-12)
  }

  /// By hand: ln of 1, e, e³ at 0, 1, 2 has the slope 3/2.
  @Test func theFitIsOfLeastSquares() throws {
    let e = 2.718281828459045
    let growth = try #require(Growth.fit([(0, 1), (1, e), (2, e * e * e)]))
    expectClose(actual: growth, expected: 4.4816890703380645, absolute: 0, relative: 1e-12)
  }

  /// Indices count, not places: a layer left out leaves its gap.
  @Test func whatHasNoLogarithmIsLeftOut() throws {
    let values: [(index: Int, value: Double?)] = [(0, 1), (1, nil), (2, 4), (3, 0), (4, .infinity), (5, 32), (6, .nan)]
    expectClose(actual: try #require(Growth.fit(values)), expected: 2, absolute: 0, relative: 1e-12)
  }

  @Test func fewerThanTwoPointsHaveNone() {
    #expect(Growth.fit([]) == nil)
    #expect(Growth.fit([(0, 1)]) == nil)
    #expect(Growth.fit([(0, 1), (1, nil), (2, 0)]) == nil)
  }

  /// The activation behind a dense layer, its BatchNorm where there is none, and never the network's output.
  @Test func pointsStandBehindTheActivations() {
    func layer(_ path: String, _ kind: LayerKind) -> NetworkLayer {
      NetworkLayer(path: path, kind: kind, shape: .features(4))
    }
    let layers = [
      layer("dense0", .dense), layer("batch_norm0", .batchNorm), layer("relu0", .function(.relu)),
      layer("dropout0", .dropout), layer("dense1", .dense), layer("batch_norm1", .batchNorm), layer("dense2", .dense),
      layer("dense3", .dense), layer("rrelu0", .rrelu), layer("dense4", .dense),
    ]
    let points = Observation.points(layers)
    #expect(points.map(\.name) == ["dense0", "dense1", "dense2", "dense3"])
    #expect(points.map { layers[$0.layer].path } == ["relu0", "batch_norm1", "dense2", "rrelu0"])
    #expect(points.map(\.dense) == [0, 1, 2, 3])
    // An activation at the very end makes the last dense layer a point too.
    #expect(Observation.points(layers + [layer("tanh0", .function(.tanh))]).last?.name == "dense4")
  }
}

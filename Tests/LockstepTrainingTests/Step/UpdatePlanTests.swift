import LockstepKernels
import Testing

@testable import LockstepModel
@testable import LockstepTraining

/// Who updates what: every element once, each with its own tensor's treatment, whatever the number of workers.
@Suite struct UpdatePlanTests {
  private static let network = Model(features: 70) {
    Dense(40)
    BatchNorm()
    PReLU()
    Repeat(times: 3) {
      Dense(40, bias: false)
      BatchNorm()
    }
    Dense(200)
    Dense(3)
  }
  private static let regularizations = [
    Regularization.none, Regularization(l1: 1), Regularization(l2: 1), Regularization(decoupled: 1),
    Regularization(l2: 1, everything: true),
    Regularization(maxNorm: 1),
  ]

  @Test(arguments: 1...9)
  func everyElementOnce(workers: Int) throws {
    let layout = try Network(UpdatePlanTests.network, seed: 1).parameters
    for regularization in UpdatePlanTests.regularizations {
      let plan = UpdatePlan(layout: layout, workers: workers, regularization: regularization)
      var decays = [Bool?](repeating: nil, count: layout.count)
      for (worker, chunks) in plan.chunks.enumerated() {
        for chunk in chunks {
          #expect(!chunk.range.isEmpty && chunk.range.count <= UpdatePlan.chunk)
          #expect(
            plan.slices[worker].contains {
              $0.lowerBound <= chunk.range.lowerBound && chunk.range.upperBound <= $0.upperBound
            })
          for element in chunk.range {
            #expect(decays[element] == nil, "element \(element) is updated twice")
            decays[element] = chunk.decays
          }
        }
      }
      #expect(!decays.contains(nil), "\(workers) workers leave an element out")
      let acts = regularization.l1 != 0 || regularization.l2 != 0 || regularization.decoupled != 0
      for entry in layout.entries {
        let expected = acts && (entry.role == .weight || regularization.everything)
        #expect(entry.range.allSatisfy { decays[$0] == expected }, "\(entry.name)")
      }
    }
  }

  /// Norms of units are bounded by one worker each.
  @Test(arguments: 1...9)
  func everyWeightIsBoundedOnce(workers: Int) throws {
    let layout = try Network(UpdatePlanTests.network, seed: 1).parameters
    let plan = UpdatePlan(layout: layout, workers: workers, regularization: Regularization(maxNorm: 2))
    let bounded = plan.bounded.flatMap { $0.map(\.name) }
    #expect(bounded.sorted() == layout.entries.filter { $0.role == .weight }.map(\.name).sorted())
    #expect(UpdatePlan(layout: layout, workers: workers, regularization: .none).bounded.allSatisfy { $0.isEmpty })
  }

  /// Every chunk holds its pieces whole, and the pieces are the weights, whatever the number of workers.
  @Test(arguments: 1...9)
  func piecesOfWeights(workers: Int) throws {
    let layout = try Network(UpdatePlanTests.network, seed: 1).parameters
    let weights = layout.entries.filter { $0.role == .weight }
    for regularization in UpdatePlanTests.regularizations {
      let plan = UpdatePlan(layout: layout, workers: workers, regularization: regularization)
      #expect(plan.pieces == UpdatePlan(layout: layout, workers: 1, regularization: .none).pieces)
      #expect(plan.pieces.flatMap { $0 } == weights.flatMap { Array($0.range) })
      #expect(plan.chunks.joined().flatMap(\.pieces) == Array(plan.pieces.indices))
      for chunk in plan.chunks.joined() {
        for piece in chunk.pieces { #expect(plan.pieces[piece].clamped(to: chunk.range) == plan.pieces[piece]) }
      }
    }
  }

  @Test func cuts() {
    let size = 10
    #expect(UpdatePlan.cut(5..<5, at: size).isEmpty)
    #expect(UpdatePlan.cut(3..<4, at: size) == [3..<4])
    #expect(UpdatePlan.cut(10..<20, at: size) == [10..<20])
    #expect(UpdatePlan.cut(6..<31, at: size) == [6..<10, 10..<20, 20..<30, 30..<31])
  }
}

import LockstepKernels
import LockstepModel

/// What of an update would not be finite: the first element, of its slots before the parameter that follows from them.
struct UpdateOverflow: BitwiseCopyable, Comparable, Sendable {
  /// What an update changes.
  enum Target: BitwiseCopyable, Equatable, Sendable {
    /// One of the optimizer's slots.
    case slot(Int)
    case parameter
    case average

    /// Slots come before the parameter that follows from them, and that before its average.
    fileprivate var order: Int {
      switch self {
      case .slot(let index): index
      case .parameter: .max - 1
      case .average: .max
      }
    }
  }

  var target: Target
  /// The element in the layout of the parameters.
  var element: Int

  static func < (a: UpdateOverflow, b: UpdateOverflow) -> Bool {
    (a.element, a.target.order) < (b.element, b.target.order)
  }
}

extension UpdateBounds: WorkerNote {
  package static func combine(_ a: UpdateBounds, _ b: UpdateBounds) -> UpdateBounds { a + b }
}

// Where bounds do not tell, an update is done to a copy first.
extension Coordinator {
  /// The bounds after the update of `job`, for which the gradients are summed or will be; nil where it may overflow.
  func bounds(after job: StepJob, from bounds: UpdateBounds, _ exchange: Exchange) -> UpdateBounds? {
    var gradient = exchange.largestSummedGradient
    if case .value(let limit) = clip { gradient = min(gradient, Double(Float(limit))) }
    gradient += regularization.l1 + regularization.l2 * bounds.parameter
    var after: UpdateBounds?
    for rule in rules {
      let keep = max(1, abs(1 - rule.learningRate * regularization.decoupled))
      guard let next = bounds.after(rule, gradient: gradient, keep: keep) else { return nil }
      after = after.map { $0 + next } ?? next
    }
    return after
  }

  /// Of a worker's slices.
  func measureBounds(_ slices: [Range<Int>]) -> UpdateBounds {
    func largest(_ arena: Arena?) -> Double {
      guard let arena else { return 0 }
      var largest = Magnitude()
      for slice in slices {
        largest.note(arena.vector(at: slice.lowerBound, count: slice.count).largestMagnitude)
      }
      return largest.value
    }
    func slot(_ index: Int) -> Arena? { index < optimizerSlots.count ? optimizerSlots[index] : nil }
    return UpdateBounds(
      parameter: largest(parameters), first: largest(slot(0)), second: largest(slot(1)), average: largest(average))
  }

  /// Does the update of a worker's slice to copies, and looks at them.
  func rehearse(_ job: StepJob, _ exchange: Exchange, scale: Float) -> UpdateOverflow? {
    var overflow: UpdateOverflow?
    for chunk in plan.chunks[exchange.worker] {
      let (range, memory) = (chunk.range, rehearsal[exchange.worker])
      func copy(_ index: Int, _ source: Vector) -> Vector {
        let copy = memory.vector(at: index * UpdatePlan.chunk, count: range.count)
        copy.copy(from: source)
        return copy
      }
      let gradient = copy(4, exchange.gradient(range))
      let parameter = copy(0, parameters.vector(at: range.lowerBound, count: range.count))
      let slots = optimizerSlots.enumerated().map {
        copy(1 + $0, $1.vector(at: range.lowerBound, count: range.count))
      }
      apply(chunk, scale: scale, gradient: gradient, to: parameter, slots.first, slots.dropFirst().first)
      var results = [parameter] + slots
      if let average, let rest = job.averageRest {
        let copy = copy(3, average.vector(at: range.lowerBound, count: range.count))
        UpdateKernels.moveAverage(copy, parameter, rest: rest)
        results.append(copy)
      }
      for (index, result) in results.enumerated() {
        guard let bad = result.firstNonFinite else { continue }
        let target: UpdateOverflow.Target =
          index > optimizerSlots.count ? .average : index == 0 ? .parameter : .slot(index - 1)
        let found = UpdateOverflow(target: target, element: range.lowerBound + bad)
        overflow = overflow.map { min($0, found) } ?? found
      }
      if overflow != nil { break }
    }
    return overflow
  }

  /// The tensor in words: `dense0.weight`, `second_moment of dense0.weight`.
  func name(of overflow: UpdateOverflow) -> String {
    let entry = network.parameters.entries.last { $0.offset <= overflow.element }
    let tensor = entry?.name ?? "the parameters"
    switch overflow.target {
    case .slot(let index): return "the optimizer's \(slotNames[index]) of \(tensor)"
    case .parameter: return tensor
    case .average: return "the average of \(tensor)"
    }
  }
}

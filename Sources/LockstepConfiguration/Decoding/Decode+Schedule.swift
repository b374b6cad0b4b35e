import LockstepModel
import LockstepTraining

extension Decode {
  private typealias Rate = RunConfiguration.Defaults.Rate

  static func schedule(_ field: Field) -> Schedule? { field.named("schedule", scheduleKinds) }

  static var scheduleKinds: [Kind<Schedule>] {
    [
      Kind("constant", .constant),
      Kind("step", main: "every") { fields in
        .step(
          every: fields.requiredInteger("every", .count),
          gamma: fields.number("gamma", .positive, default: Rate.stepGamma))
      },
      Kind("piecewise", reading: piecewise),
      Kind("exponential") { fields in
        let rate = fields.required("rate", NumberRule.positive.text)?.number(.positive, as: Double.self) ?? 1
        return .exponential(rate: rate, every: fields.requiredInteger("every", .count))
      },
      Kind("polynomial") { fields in
        .polynomial(
          power: fields.number("power", .positive, default: Rate.polynomialPower),
          end: fields.number("end", .fraction, default: Rate.end))
      },
      Kind("cosine") { fields in
        .cosine(
          warmupSteps: fields.integer("warmup_steps", .countOrZero, default: Rate.warmupSteps),
          end: fields.number("end", .fraction, default: Rate.end))
      },
      Kind("one_cycle") { fields in
        .oneCycle(
          peak: fields.number("peak", .inside, default: Rate.oneCyclePeak),
          divide: fields.number("divide", .atLeastOne, default: Rate.oneCycleDivide),
          finalDivide: fields.number("final_divide", .atLeastOne, default: Rate.oneCycleFinalDivide))
      },
      Kind("reduce_on_plateau") { .reduceOnPlateau(plateau(&$0)) },
    ]
  }

  private static func piecewise(_ field: Field) -> Schedule? {
    field.mapping(Kind<Schedule>.braces("piecewise")) { fields in
      let boundaryFields = fields.required("boundaries", "a list of steps")?.list("a list of steps") ?? []
      let boundaries = boundaryFields.compactMap { $0.integer(.count) }
      let factorsField = fields.required("factors", "a list of numbers, one more than boundaries")
      let factors = (factorsField?.list("a list of numbers") ?? []).compactMap {
        $0.number(.nonNegative, as: Double.self)
      }
      let isComplete =
        boundaries.count == boundaryFields.count && factorsField != nil && fields.optional("boundaries") != nil
      if isComplete && factors.count != boundaries.count + 1 {
        factorsField?.report(
          found: "\(factors.count) factors for \(boundaries.count) boundaries",
          expected: "\(boundaries.count + 1), one more than boundaries")
      }
      for (i, boundary) in boundaries.enumerated().dropFirst() where isComplete && boundary <= boundaries[i - 1] {
        boundaryFields[i].report(found: "\(boundary) after \(boundaries[i - 1])", expected: "boundaries that grow")
      }
      return .piecewise(boundaries: boundaries, factors: factors)
    }
  }

  private static func plateau(_ fields: inout Fields) -> Plateau {
    let defaults = Plateau(metric: fields.word("metric", default: Plateau().metric))
    return Plateau(
      metric: defaults.metric,
      mode: fields.word("mode", default: defaults.mode),
      factor: fields.number("factor", .inside, default: defaults.factor),
      patience: fields.integer("patience", .countOrZero, default: defaults.patience),
      threshold: fields.number("threshold", .nonNegative, default: defaults.threshold),
      minimumFactor: fields.number("minimum", .fraction, default: defaults.minimumFactor))
  }
}

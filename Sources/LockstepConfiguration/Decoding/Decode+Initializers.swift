import LockstepModel
import LockstepTraining

extension Decode {
  package static func initializer(_ field: Field) -> Initializer? {
    field.named("initializer", initializerKinds)
  }

  /// What is done to the initial weights once the data is there.
  static func initialization(_ field: Field) -> LSUV? {
    field.named(
      "initialization",
      [
        Kind("lsuv") { fields in
          let lsuv = LSUV()
          return LSUV(
            tolerance: fields.number("tolerance", .inside, default: lsuv.tolerance),
            maxIterations: fields.integer("max_iterations", .times, default: lsuv.maxIterations),
            samples: fields.integer("samples", .size, default: lsuv.samples))
        }
      ])
  }

  /// The names that stand for a variance scaling, or another initializer, with all parameters fixed.
  static let namedInitializers: [(name: String, initializer: Initializer)] = [
    ("glorot_uniform", .glorotUniform), ("glorot_normal", .glorotNormal),
    ("he_uniform", .heUniform), ("he_normal", .heNormal),
    ("lecun_uniform", .lecunUniform), ("lecun_normal", .lecunNormal),
    ("zeros", .zeros), ("ones", .ones),
  ]

  private typealias Initial = RunConfiguration.Defaults.Initial

  static var initializerKinds: [Kind<Initializer>] {
    namedInitializers.map { Kind($0.name, $0.initializer) } + [
      Kind("variance_scaling") { fields in
        .varianceScaling(
          scale: fields.number("scale", .positive, default: Initial.scale),
          mode: fields.word("mode", default: .fanIn),
          distribution: fields.word("distribution", default: .truncatedNormal))
      },
      Kind("normal") { fields in
        .normal(
          mean: fields.number("mean", .finite, default: Initial.mean),
          stddev: fields.number("stddev", .nonNegative, default: Initial.stddev))
      },
      Kind("uniform") { fields in
        let min = fields.number("min", .finite, default: Initial.min)
        let max = fields.number("max", .finite, default: Initial.max)
        if min > max {
          fields.diagnostics.report(
            at: fields.location, path: fields.path, found: "min \(min) above max \(max)", expected: "min at most max")
        }
        return .uniform(min: min, max: max)
      },
      Kind("orthogonal", main: "gain") { .orthogonal(gain: $0.number("gain", .positive, default: Initial.gain)) },
      Kind("constant", main: "value") { .constant($0.number("value", .finite, default: Initial.constant)) },
    ]
  }
}

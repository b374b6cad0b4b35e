import LockstepData
import LockstepDeclarations
import LockstepModel

// Samples that a program gives.

extension Decode {
  static func given(_ field: Field) -> GivenData? {
    field.mapping { fields -> GivenData in
      let samples = fields.requiredInteger("samples", .count, "how many there are")
      let shape = fields.required("shape", "of a sample", expected: sides).flatMap(shape)
      let task: LearningTask? = fields.exactlyOne(of: [
        KeyReader("classes", "how many classes there are") {
          $0.integer(.classes).map { .classification(classes: $0) }
        },
        KeyReader("targets", "how many numbers are learned") { $0.integer(.size).map { .regression(targets: $0) } },
        KeyReader("labels", "how many labels there are") { $0.integer(.size).map { .labels($0) } },
      ])
      return GivenData(samples: samples, shape: shape ?? .features(1), task: task ?? .regression(targets: 1))
    }
  }

  private static let sides = "[features], or [height, width, channels] of an image"

  private static func shape(_ field: Field) -> Shape? {
    guard let items = field.list(sides, atLeast: 1) else { return nil }
    let numbers = items.compactMap { $0.integer(.size) }
    if numbers.count != items.count { return nil }
    switch numbers.count {
    case 1: return .features(numbers[0])
    case 3: return .image(height: numbers[0], width: numbers[1], channels: numbers[2])
    default:
      field.report(found: "\(items.count) numbers", expected: sides)
      return nil
    }
  }
}

extension Encode {
  static func given(_ data: GivenData) -> ResolvedValue {
    let task: (String, ResolvedValue) =
      switch data.task {
      case .classification(let classes): ("classes", .integer(classes))
      case .regression(let targets): ("targets", .integer(targets))
      case .labels(let labels): ("labels", .integer(labels))
      }
    return .mapping([
      ("samples", .integer(data.samples)), ("shape", .list(data.shape.sides.map { .integer($0) })), task,
    ])
  }
}

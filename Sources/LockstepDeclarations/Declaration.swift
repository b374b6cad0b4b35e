/// A thing that configurations can name, declared once: its name, its settings, what it computes, where that comes
/// from, and the way between its settings and its value. Reading, writing, checking, hints, `reference.yaml` and lists
/// of all that there is follow from it.
///
/// ```swift
/// Declaration(
///   "leaky_relu", .leakyReLU(negativeSlope: 0.3), main: "negative_slope",
///   "x > 0 ? x : slope · x — Maas, Hannun, Ng 2013",
///   Setting.single("negative_slope", .nonNegative, "the slope where x is below 0"),
///   make: { .leakyReLU(negativeSlope: $0) },
///   take: { if case .leakyReLU(let slope) = $0 { slope } else { nil } })
/// ```
package struct Declaration<Value: Sendable>: Sendable {
  package let description: Description
  /// Its value with every setting at its default.
  package let standard: Value
  let make: @Sendable ([SettingValue?]) -> Value
  let take: @Sendable (Value) -> [SettingValue?]?

  /// - Parameters:
  ///   - standard: the value whose settings are the defaults; those that are required may be anything.
  ///   - main: the setting that a value alone stands for, `dropout: 0.2`; nil where none says the thing.
  ///   - sentence: what it computes, and its source.
  ///   - make: the value of its settings.
  ///   - take: the settings of a value; nil of another thing.
  ///   - problems: what is wrong with settings together, each of which obeys its rule.
  package init<each Part: Sendable>(
    _ name: String, _ standard: Value, main: String? = nil, _ sentence: String,
    _ settings: repeat Setting<each Part>, make: @escaping @Sendable (repeat each Part) -> Value,
    take: @escaping @Sendable (Value) -> (repeat each Part)?,
    problems: @escaping @Sendable (Value) -> [SettingProblem] = { _ in [] }
  ) {
    let encode: @Sendable (Value) -> [SettingValue?]? = { value in
      guard let parts = take(value) else { return nil }
      var values: [SettingValue?] = []
      repeat values.append((each settings).encode(each parts))
      return values
    }
    guard let parts = take(standard) else {
      preconditionFailure("the declaration of \(name) does not take its own standard value")
    }
    var descriptions: [SettingDescription] = []
    repeat descriptions.append((each settings).description)
    let defaults = (repeat each parts)
    let decode: @Sendable ([SettingValue?]) -> Value = { values in
      var place = 0
      func next<One>(_ setting: Setting<One>, _ standard: One) -> One {
        defer { place += 1 }
        if let value = values[place], let one = setting.decode(value) { return one }
        return setting.nothing ?? standard
      }
      return make(repeat next(each settings, each defaults))
    }
    self.standard = standard
    self.make = decode
    self.take = encode
    description = Description(
      name: name, main: main, sentence: sentence, settings: descriptions,
      settle: { encode(decode($0)) ?? $0 }, problems: { problems(decode($0)) })
  }

  /// A thing without settings.
  package init(_ name: String, _ value: Value, _ sentence: String) where Value: Equatable {
    standard = value
    make = { _ in value }
    take = { $0 == value ? [] : nil }
    description = Description(
      name: name, main: nil, sentence: sentence, settings: [], settle: { $0 }, problems: { _ in [] })
  }

  private init(
    _ description: Description, _ standard: Value, make: @escaping @Sendable ([SettingValue?]) -> Value,
    take: @escaping @Sendable (Value) -> [SettingValue?]?
  ) {
    (self.description, self.standard, self.make, self.take) = (description, standard, make, take)
  }

  /// This thing as one of another family: an activation as a layer.
  package func lifted<Other: Sendable>(
    _ into: @escaping @Sendable (Value) -> Other, _ from: @escaping @Sendable (Other) -> Value?
  ) -> Declaration<Other> {
    let (make, take) = (make, take)
    return Declaration<Other>(description, into(standard)) {
      into(make($0))
    } take: {
      from($0).flatMap(take)
    }
  }

  /// The declaration of a thing that is written with its main setting alone: `residual: […]`.
  ///
  /// - Parameter expected: what is expected in that place.
  package func writtenShort(_ expected: String) -> Declaration {
    var description = description
    description.short = expected
    return Declaration(description, standard, make: make, take: take)
  }

  /// The value of its settings, each in its place; nil for one that is left out.
  package func value(_ settings: [SettingValue?]) -> Value { make(settings) }

  /// The settings of a value; nil of another thing.
  package func settings(of value: Value) -> [SettingValue?]? { take(value) }
}

/// A declaration without its type.
package struct Description: Sendable {
  package let name: String
  package let main: String?
  package let sentence: String
  package let settings: [SettingDescription]
  /// Where it is written with its main setting alone, what is expected in that place.
  package internal(set) var short: String? = nil
  /// All settings of the value that some make: defaults filled in, none where a setting has no place.
  package let settle: @Sendable ([SettingValue?]) -> [SettingValue?]
  /// What is wrong with settings together, each of which obeys its rule.
  package let problems: @Sendable ([SettingValue?]) -> [SettingProblem]
}

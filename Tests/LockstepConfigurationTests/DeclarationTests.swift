import Foundation
import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepTraining

/// What holds of everything that is declared, whatever it is.
@Suite struct DeclarationTests {
  static let catalogues = [
    ActivationFunction.catalogue, Activation.catalogue, Layer.catalogue, Initializer.catalogue, Loss.catalogue,
    Optimizer.catalogue, Schedule.catalogue, GradientClip.catalogue, Regularization.catalogue, EarlyStopping.catalogue,
    WeightAverage.catalogue, LSUV.catalogue, Metric.catalogue, RunConfiguration.DivergencePolicy.catalogue,
    SyntheticSpecification.Generator.catalogue,
  ]

  /// Names are names of one thing, and sentences say something.
  @Test func namesAreUnique() {
    for catalogue in Self.catalogues {
      #expect(Set(catalogue.names).count == catalogue.names.count, "\(catalogue.noun)")
      for thing in catalogue.descriptions {
        let keys = thing.settings.map(\.key)
        #expect(Set(keys).count == keys.count && !thing.sentence.isEmpty, "\(thing.name)")
        #expect(thing.main.map { keys.contains($0) } ?? true, "\(thing.name)")
        for setting in thing.settings { #expect(!setting.sentence.isEmpty, "\(thing.name).\(setting.key)") }
      }
    }
  }

  private func roundTrips<Thing: Declared & Equatable>(_ type: Thing.Type) {
    for declaration in Thing.declarations {
      let value = declaration.standard
      let name = declaration.description.name
      #expect(Thing(DeclaredValue(name: name, settings: declaration.settings(of: value) ?? [])) == value, "\(name)")
      // Another name may stand for the same value: zeros for constant: 0.
      #expect(Thing(value.declared) == value, "\(name)")
      // What is required has no standard value, and one that only stands in its place.
      if !declaration.description.settings.contains(where: { $0.presence == .required }) {
        #expect(value.problems.isEmpty, "\(value): \(value.problems)")
      }
    }
  }

  /// A value's name and settings make the same value.
  @Test func settingsMakeTheirValue() {
    roundTrips(ActivationFunction.self)
    roundTrips(Activation.self)
    roundTrips(Layer.self)
    roundTrips(Initializer.self)
    roundTrips(Loss.self)
    roundTrips(Optimizer.self)
    roundTrips(Schedule.self)
    roundTrips(GradientClip.self)
    roundTrips(Regularization.self)
    roundTrips(EarlyStopping.self)
    roundTrips(WeightAverage.self)
    roundTrips(LSUV.self)
    roundTrips(Metric.self)
    roundTrips(RunConfiguration.DivergencePolicy.self)
    roundTrips(SyntheticSpecification.Generator.self)
  }

  /// Every name and every key of a setting stands in the reference of all keys.
  @Test func everyNameIsInTheReference() throws {
    let reference = try String(contentsOfFile: "\(repository)/configs/reference.yaml", encoding: .utf8)
    for catalogue in Self.catalogues {
      for thing in catalogue.descriptions {
        // Families of names stand there in short: glorot_, he_, lecun_ × uniform, normal.
        let parts = thing.name.split(separator: "_").map(String.init)
        let isThere =
          reference.contains(thing.name)
          || catalogue.noun == "initializer" && parts.allSatisfy { reference.contains($0) }
          // Activations without settings stand in the table that it names.
          || Activation.catalogue.names.contains(thing.name) && thing.settings.isEmpty
        #expect(isThere, "\(thing.name)")
        for setting in thing.settings where thing.short == nil {
          #expect(reference.contains(setting.key), "\(thing.name).\(setting.key)")
        }
      }
    }
  }

  /// Families whose things stand there one a line, below a comment that begins so.
  private static let listed = [
    ("# Generators:", SyntheticSpecification.Generator.catalogue), ("# Initializers:", Initializer.catalogue),
    ("# Losses:", Loss.catalogue), ("# Optimizers:", Optimizer.catalogue),
    ("# Schedules:", Schedule.catalogue),
    ("# Where numbers are not finite:", RunConfiguration.DivergencePolicy.catalogue),
    ("# Metrics:", Metric.catalogue),
  ]

  /// Those lines are written from the declarations; `LOCKSTEP_RECORD_REFERENCE=1` writes them anew.
  @Test func theReferenceIsWrittenFromDeclarations() throws {
    let path = "\(repository)/configs/reference.yaml"
    let reference = try String(contentsOfFile: path, encoding: .utf8)
    var lines = reference.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (header, catalogue) in Self.listed {
      let first = try #require(lines.firstIndex { $0.drop { $0 == " " }.hasPrefix(header) }, "\(header)") + 1
      let start = "\(lines[first - 1].prefix { $0 == " " })#   "
      let end = lines[first...].firstIndex { !$0.hasPrefix(start) } ?? lines.endIndex
      lines.replaceSubrange(first..<end, with: catalogue.descriptions.map { start + Self.line(of: $0) })
    }
    let written = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_REFERENCE"] != nil {
      try written.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(written == reference)
  }

  /// `step: {every: …, gamma: 0.1} # rate · gamma every so many steps`: a thing with its settings at their defaults, …
  /// for one that is required, and what it does.
  private static func line(of thing: Description) -> String {
    let values = thing.settle([SettingValue?](repeating: nil, count: thing.settings.count))
    let settings = zip(thing.settings, values).compactMap { setting, value -> String? in
      if setting.presence == .required { return "\(setting.key): …" }
      return value.map { "\(setting.key): \($0.text)" }
    }
    let name = settings.isEmpty ? thing.name : "\(thing.name): {\(settings.joined(separator: ", "))}"
    return "\(name) # \(thing.sentence)"
  }

  /// Every activation stands in the table of its page, with the family of weights that fits it.
  @Test func everyActivationIsInItsTable() throws {
    let page = try String(contentsOfFile: "\(repository)/docs/activations.md", encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for declaration in Activation.declarations {
      let name = declaration.description.name
      let row = try #require(rows.first { $0.contains("`\(name)`") || $0.contains("`\(name):") }, "\(name)")
      let family = declaration.standard.fittingInitializer.map { $0.declared.name.prefix { $0 != "_" }.lowercased() }
      let said = row.split(separator: "|").last { !$0.allSatisfy(\.isWhitespace) }?.lowercased() ?? ""
      #expect(family.map(said.contains) ?? !said.contains("he"), "\(name): \(row)")
    }
  }

  /// A rule is stated once: a value made in code is refused with the words of a file's.
  @Test(arguments: [
    ("optimizer", "adam: {beta1: 1.5}", "adam.beta1: found 1.5, expected a number from 0 to below 1"),
    ("optimizer", "adamw: {epsilon: 0.0}", "adamw.epsilon: found 0.0, expected a number above 0"),
    (
      "optimizer", "sgd: {nesterov: true}", "sgd.nesterov: found nesterov without momentum, expected a momentum above 0"
    ),
    ("schedule", "polynomial: {end: 2.0}", "polynomial.end: found 2.0, expected a number from 0 to 1"),
    ("schedule", "one_cycle: {peak: 1.5}", "one_cycle.peak: found 1.5, expected a number between 0 and 1"),
    ("loss", "huber: {delta: -1.0}", "huber.delta: found -1.0, expected a number above 0"),
  ])
  func libraryAndFileSayTheSame(key: String, yaml: String, expected: String) {
    let values: [String: TrainingError?] = [
      "adam: {beta1: 1.5}": problem(Optimizer.adam(beta1: 1.5)),
      "adamw: {epsilon: 0.0}": problem(Optimizer.adamw(epsilon: 0)),
      "sgd: {nesterov: true}": problem(Optimizer.sgd(nesterov: true)),
      "polynomial: {end: 2.0}": problem(Schedule.polynomial(power: 1, end: 2)),
      "one_cycle: {peak: 1.5}": problem(Schedule.oneCycle(peak: 1.5, divide: 25, finalDivide: 10_000)),
      "huber: {delta: -1.0}": problem(Loss.huber(delta: -1)),
    ]
    #expect(values[yaml] == .some(.setting(expected)))
    let said = messages(validConfiguration, set: ["\(key)={\(yaml)}"])
    #expect(said.contains { $0.contains("\(key).\(expected)") }, "\(said)")
  }

  private func problem(_ value: some Declared) -> TrainingError? {
    do throws(TrainingError) {
      try value.check()
      return nil
    } catch { return error }
  }
}

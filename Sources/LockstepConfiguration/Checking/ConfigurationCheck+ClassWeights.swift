import LockstepData
import LockstepFormats
import LockstepTraining

extension ConfigurationCheck {
  /// Checks that class weights name classes that exist, or are as many as the classes.
  func checkClassWeights() {
    guard let weights = configuration.classWeights else { return }
    let path = "loss.\(configuration.loss.declared.name).class_weights"
    let names = configuration.data.classNames
    guard !names.isEmpty else {
      report(
        path, found: "class weights for \(configuration.data.task.summary)", expected: "them for data with classes only"
      )
      return
    }
    switch weights {
    case .balanced: checkCounting(path)
    case .list(let list):
      if list.count != names.count {
        report(
          path, found: "\(list.count) weights", expected: "\(names.count), one for each of \(Preprocessing.list(names))"
        )
      } else if !list.contains(where: { $0 > 0 }) {
        report(path, found: "no weight above 0", expected: "at least one")
      }
    case .named(let named):
      let labels = Labels(named: names)
      for weight in named where labels.place(of: weight.name) == nil {
        report(
          Path.child(Display.plain(weight.name), of: path), found: "an unknown class",
          expected: "one of \(Preprocessing.list(names))", hint: NearestName.hint(for: weight.name, among: names))
      }
      var given: Set<Int> = []
      for weight in named {
        guard let place = labels.place(of: weight.name) else { continue }
        if !given.insert(place).inserted {
          report(
            Path.child(Display.plain(weight.name), of: path),
            found: "the class \(Display.plain(names[place])) a second time", expected: "every class once")
        }
      }
      if given.count == names.count, !named.contains(where: { $0.weight > 0 }) {
        report(path, found: "no weight above 0", expected: "at least one")
      }
    }
  }

  /// Checks how many samples of a generator have to be made in order to count their classes.
  private func checkCounting(_ path: String) {
    guard case .synthetic(let data) = configuration.data.train, data.samples > ClassWeights.mostCounted else { return }
    report(
      path, found: "balanced for \(data.samples) generated samples, each of which would be made to be counted",
      expected: "at most \(ClassWeights.mostCounted) of them", hint: "write the weights as a list")
  }
}

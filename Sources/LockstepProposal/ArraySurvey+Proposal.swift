import LockstepConfiguration
import LockstepData
import LockstepFormats

extension ArraySurvey {
  func proposal(_ path: String, task: Proposal.Task?, in folder: String) throws(DataFileError) -> Proposal {
    let isClass: Bool
    var notes: [String] = []
    switch task {
    case .classification?:
      guard classes != nil else {
        throw DataFileError(
          path, place: "target", found: targets > 1 ? "\(targets) targets" : "targets that are not a few whole numbers",
          expected: "one column of whole numbers, the classes", hint: "--task regression")
      }
      isClass = true
    case .regression?: isClass = false
    case nil:
      let values = classes?.keys.sorted() ?? []
      let isNumbered = (values.first.map { $0 == 0 || $0 == 1 } ?? false) && (values.last ?? 0) <= Double(values.count)
      isClass = values.count == 2 || isNumbered && values.count > 2 && values.count * 10 <= samples
      if targets == 1 {
        notes.append(
          isClass
            ? "the target is taken for \(values.count) classes; --task regression takes it for a number"
            : "the target is taken for a number\(classes == nil ? "" : "; --task classification takes its \(values.count) values for classes")"
        )
      }
    }
    if let counts = classes, counts.count == 1 {
      throw DataFileError(
        path, place: "target", found: "one value alone", expected: "a target with something to learn")
    }
    let data = DataShape(
      samples: samples, inputs: shape, answer: isClass ? .classes(classes?.count ?? 0) : .numbers(targets),
      hasValidation: validation != nil)
    let parts = YAMLParts(
      source: source.flow(in: folder), validation: validation.map { $0.flow(in: folder) },
      options: hasGaps ? [("missing", "mean", "NaN takes the mean of its column")] : [],
      summary:
        "\(Format.count(samples)) \(shape.isImage ? shape.phrase : "samples of \(Format.count(features)) numbers")",
      file: Folder.lastName(of: path))
    return Proposal(
      columns: [], notes: notes, yaml: try Recipe(data).yaml(parts), name: RunConfiguration.name(ofFile: path))
  }
}

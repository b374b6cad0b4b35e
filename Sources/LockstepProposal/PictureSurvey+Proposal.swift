import LockstepConfiguration
import LockstepData
import LockstepFormats

extension PictureSurvey {
  func proposal(
    _ path: String, target: String?, task: Proposal.Task?, in folder: String
  ) throws(DataFileError) -> Proposal {
    if let target {
      throw DataFileError(
        path, place: "target", found: Display.quoted(target), expected: "none: the class of a picture is its subfolder")
    }
    if task == .regression {
      throw DataFileError(
        path, place: "target", found: "pictures in subfolders", expected: "numbers",
        hint: "their subfolders are classes, --task classification")
    }
    let (least, most) = (classes.map(\.count).min() ?? 0, classes.map(\.count).max() ?? 0)
    let each = least == most ? Format.count(least) : "\(Format.count(least)) to \(Format.count(most))"
    let names = Preprocessing.list(classes.map(\.name))
    var notes = ["\(Format.count(classes.count)) classes, the subfolders \(names), of \(each) pictures"]
    if let validation {
      notes.append("trained on \(Folder.lastName(of: source.path)), watched by \(Folder.lastName(of: validation.path))")
    }
    if let size = source.size {
      let found =
        sizes.other.map { "of several sizes, such as \(sizes.first.text) and \($0.text)," }
        ?? "of \(sizes.first.text)"
      notes.append(
        "pictures \(found) are brought to \(size.text), the middle of the longer side; larger ones show more, and take longer"
      )
    }
    let data = DataShape(
      samples: samples, inputs: shape, answer: .classes(classes.count), hasValidation: validation != nil)
    let parts = YAMLParts(
      source: FileSource.pictures(source).flow(in: folder),
      validation: validation.map { FileSource.pictures($0).flow(in: folder) },
      summary: "\(Format.count(samples)) \(shape.phrase)", file: Folder.lastName(of: path))
    return Proposal(
      columns: [], notes: notes, yaml: try Recipe(data).yaml(parts), name: RunConfiguration.name(ofFile: path))
  }
}

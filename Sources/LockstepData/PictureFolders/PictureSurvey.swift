import LockstepFormats
import LockstepModel

/// What a folder of pictures holds, for whoever has yet to decide what to do with them: classes, sizes, and whether it
/// is cut into training and validation already.
package struct PictureSurvey: Sendable {
  /// The pictures to train on, brought to a size where they have several or a large one.
  package let source: PictureSource
  /// Pictures to watch by, where the folder holds some beside; nil for none.
  package let validation: PictureSource?
  /// Pictures to train on.
  package let samples: Int
  /// Of them, by class.
  package let classes: [(name: String, count: Int)]
  /// What the network reads.
  package let shape: Shape
  /// The size of the first picture, and another that one has; nil where all have one.
  package let sizes: (first: PictureSource.Size, other: PictureSource.Size?)

  /// The sides of what pictures are brought to, if theirs are longer than what is taken as it is.
  private static let (side, longestSide) = (64, 96)
  /// What parts of data are called; of those to watch by the first that is there is taken.
  private static let training = ["train", "training"]
  private static let watching = ["val", "valid", "validation", "test", "testing"]

  /// - Parameter path: of the folder, a subfolder a class; or of one with such folders in `train` or `training` and
  ///   `val`, `valid`, `validation`, `test` or `testing`, in capitals or not.
  /// - Throws: `DataFileError` where they cannot be read, or there are not two classes.
  package init(_ path: String) throws(DataFileError) {
    let parts = try PictureSurvey.parts(of: path)
    let folder: PictureFolder
    do throws(DataFileError) { folder = try PictureFolder(parts.train, hasClasses: true) } catch {
      // What holds none at all may have been meant for something else.
      if try PictureFolder.holdsPictures(parts.train) { throw error }
      throw DataFileError(
        path, found: "no picture", expected: "files that end in .png, .jpg or .jpeg, in a subfolder a class")
    }
    guard folder.classes.count > 1 else {
      throw DataFileError(
        parts.train,
        found: folder.classes.first.map { "one class alone, \(Display.quoted($0))" } ?? "no subfolders",
        expected: "two at least, each in a subfolder of its own")
    }
    let survey = try folder.survey()
    let isOne = survey.other == nil && max(survey.size.height, survey.size.width) <= PictureSurvey.longestSide
    let side = min(PictureSurvey.side, survey.usualSide)
    let size = isOne ? nil : PictureSource.Size(height: side, width: side)
    source = PictureSource(path: parts.train, size: size)
    validation = parts.validation.map { PictureSource(path: $0) }
    samples = folder.count
    classes = folder.classes.enumerated().map { ($1, folder.pictures(ofClass: $0).count) }
    sizes = (survey.size, survey.other?.size)
    let taken = size ?? survey.size
    shape = .image(height: taken.height, width: taken.width, channels: survey.isGrey ? 1 : 3)
  }

  /// Whether a path is that of a folder of data: not that of a run.
  package static func isFolder(_ path: String) -> Bool {
    (try? Folder.item(at: path)) == .folder && (try? Folder.item(at: "\(path)/config.yaml")) == .missing
  }

  /// The folders that a folder is cut into, where all of its subfolders are called like parts of data.
  private static func parts(of path: String) throws(DataFileError) -> (train: String, validation: String?) {
    let names = try PictureFolder.subfolders(of: path)
    func folder(_ words: [String]) -> String? {
      words.lazy.compactMap { word in names.first { $0.lowercased() == word } }.first.map { "\(path)/\($0)" }
    }
    let areParts = names.allSatisfy { (training + watching).contains($0.lowercased()) }
    guard areParts, let train = folder(training) else { return (path, nil) }
    return (train, folder(watching))
  }
}

import LockstepFormats

/// Pictures in a folder, PNG or JPEG as their first bytes say, a subfolder a class, whose name is that of the
/// subfolder. Pixels are divided by 255. A folder to predict, or a picture alone, needs no subfolders.
public struct PictureSource: Sendable, Equatable {
  /// The folder.
  public var path: String
  /// What all pictures are brought to; nil where all have one size, which it then is.
  public var size: Size?
  /// 3 for red, green and blue, which grey has all the same; 1 for grey, which colours become; nil for 1 where all
  /// pictures are grey, else 3.
  public var channels: Int?
  /// How a picture comes to a size that is not its own.
  public var fit: PictureFit

  /// A height and a width, in pixels.
  public struct Size: Sendable, Equatable {
    /// Rows of pixels.
    public var height: Int
    /// Pixels of a row.
    public var width: Int

    /// Nothing is checked here.
    public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }
  }

  /// Nothing is opened here.
  public init(path: String, size: Size? = nil, channels: Int? = nil, fit: PictureFit = .crop) {
    (self.path, self.size, self.channels, self.fit) = (path, size, channels, fit)
  }
}

import LockstepKernels

/// One worker's place in its team: the workers that share the rows of some consecutive shards.
///
/// Every element of a product follows from its own row and column, and so does whatever else is done to an element, so
/// rows and columns may be dealt out freely: no bit depends on how many work on a shard. A value is dealt by its width
/// alone, so that whoever reads one knows who has written what: its columns among `across(width)` of the members, and
/// its rows among the others; or its rows alone, if the team is to (`Deal`), and of images always. What takes sums over
/// a shard's rows, such as a BatchNorm, is dealt by columns or channels, and by shards.
///
/// A team of one has everything, and waits for nobody.
package struct Team: Sendable {
  /// Which of the members this is, counted from 0.
  package let member: Int
  /// How many there are.
  package let members: Int
  private let deal: Deal
  private let barrier: Barrier

  /// What members deal out first.
  package enum Deal: Sendable, CaseIterable {
    /// Columns: each member reads its part of the weights, and what the others have written of every value.
    case columns
    /// Rows alone: each member reads all weights, and of values what the others have written for weight gradients and
    /// statistics alone.
    case rows
  }

  private init(member: Int, _ deal: Deal, barrier: Barrier) {
    (self.member, members, self.deal, self.barrier) = (member, barrier.parties, deal, barrier)
  }

  /// The places of a team's members, in order.
  ///
  /// - Parameter spins: how often a member that waits for the others looks before it parks.
  static func seats(_ members: Int, _ deal: Deal = .columns, spins: Int) -> [Team] {
    let barrier = Barrier(parties: members, spins: spins)
    return (0..<members).map { Team(member: $0, deal, barrier: barrier) }
  }

  /// Waits until every member has come as far; each calls it the same number of times.
  package func synchronize() {
    if members > 1 { barrier.wait(member) }
  }

  /// The same where the rows of a value of this width are dealt out: before somebody reads rows that others write.
  func synchronizeRows(_ width: Int) {
    if members > 1, down(width) > 1 { barrier.wait(member) }
  }
}

extension Team {
  /// Columns that are dealt together: a tile's, a block of random numbers, two lines of the cache.
  static let panel = 32

  /// Among how many members the columns of a value are dealt: as many as get nearly equal parts of whole panels.
  func across(_ width: Int) -> Int {
    if members == 1 || deal == .rows { return 1 }
    let panels = (width + Team.panel - 1) / Team.panel
    for parts in stride(from: members, to: 1, by: -1) where members % parts == 0 && parts <= panels {
      let largest = (panels + parts - 1) / parts * Team.panel
      if 8 * largest * parts <= 9 * width { return parts }
    }
    return 1
  }

  /// Before a product reads whole rows of a value, of which this member makes its part of another: unless it has
  /// written those rows itself.
  func synchronize(from width: Int, to other: Int) {
    if members > 1, across(width) > 1 || across(other) > 1 { barrier.wait(member) }
  }

  /// Among how many the rows of each such part are.
  func down(_ width: Int) -> Int { members / across(width) }

  /// The columns of a value that are this member's.
  func columns(of width: Int) -> Range<Int> {
    if members == 1 { return 0..<width }
    let (parts, panels) = (across(width), (width + Team.panel - 1) / Team.panel)
    let part = member % parts
    return min(width, panels * part / parts * Team.panel)..<min(width, panels * (part + 1) / parts * Team.panel)
  }

  /// The same of `count` rows of a value of this width: rows of the batch, or of a weight with so many columns.
  func rows(_ count: Int, width: Int) -> Range<Int> {
    if members == 1 { return 0..<count }
    let parts = across(width)
    return Team.part(member / parts, of: members / parts, count)
  }

  /// Consecutive things, such as rows that are read or elements of an arena.
  package func share(of count: Int) -> Range<Int> { Team.part(member, of: members, count) }

  /// Which of `count` shards are this member's where their sums over rows are taken, of its columns of a value of this
  /// width; of all columns, where none is given.
  package func turns(of count: Int, width: Int? = nil) -> StrideTo<Int> {
    turns(of: count, parts: width.map(across) ?? 1)
  }

  private func turns(of count: Int, parts: Int) -> StrideTo<Int> {
    stride(from: member / parts, to: count, by: members / parts)
  }

  private static func part(_ index: Int, of parts: Int, _ count: Int) -> Range<Int> {
    count * index / parts..<count * (index + 1) / parts
  }
}

// The same of a value of any shape: images are dealt by rows.
extension Team {
  /// Channels of an image that are dealt together where sums are taken over its rows and positions.
  private static let channels = 16

  func across(_ shape: Shape) -> Int {
    switch shape {
    case .features(let width): across(width)
    case .image: 1
    }
  }

  func down(_ shape: Shape) -> Int { members / across(shape) }

  /// The columns of a value that are this member's.
  func columns(of shape: Shape) -> Range<Int> {
    switch shape {
    case .features(let width): columns(of: width)
    case .image: 0..<shape.count
    }
  }

  /// Its channels: features, or those of every position.
  func channels(of shape: Shape) -> Range<Int> {
    switch shape {
    case .features(let width): columns(of: width)
    case .image: 0..<shape.channels
    }
  }

  func rows(_ count: Int, shape: Shape) -> Range<Int> {
    if members == 1 { return 0..<count }
    let parts = across(shape)
    return Team.part(member / parts, of: members / parts, count)
  }

  /// Before something reads whole rows of a value of one shape, of which this member makes its part of another.
  func synchronize(from shape: Shape, to other: Shape) {
    if members > 1, across(shape) > 1 || across(other) > 1 { barrier.wait(member) }
  }

  /// The same where the rows of a value of this shape are dealt out: before somebody reads rows that others write.
  func synchronizeRows(_ shape: Shape) {
    if members > 1, down(shape) > 1 { barrier.wait(member) }
  }

  /// Among how many members the channels are dealt where sums are taken over rows and positions.
  private func sumsAcross(_ shape: Shape) -> Int {
    guard case .image(_, _, let channels) = shape, members > 1 else { return across(shape) }
    let groups = (channels + Team.channels - 1) / Team.channels
    return (1...members).last { members % $0 == 0 && groups % $0 == 0 } ?? 1
  }

  /// The channels whose sums over rows and positions are this member's to take.
  func summedChannels(of shape: Shape) -> Range<Int> {
    guard case .image(_, _, let channels) = shape else { return channels(of: shape) }
    let (parts, groups) = (sumsAcross(shape), (channels + Team.channels - 1) / Team.channels)
    let groupsOwn = Team.part(member % parts, of: parts, groups)
    return min(channels, groupsOwn.lowerBound * Team.channels)..<min(channels, groupsOwn.upperBound * Team.channels)
  }

  /// Which of `count` shards are this member's where such sums are taken.
  func turns(of count: Int, shape: Shape) -> StrideTo<Int> {
    turns(of: count, parts: sumsAcross(shape))
  }
}

/// What of a value is a member's.
struct Part {
  let rows: Range<Int>
  let columns: Range<Int>
}

extension Matrix {
  func part(_ part: Part) -> Matrix { rows(part.rows).columns(part.columns) }

  /// Values of this shape with a row a position, [rows · positions, channels]: themselves where they are no images.
  func positions(of shape: Shape) -> Matrix { shape.positions == 1 ? self : split(columns: shape.channels) }
}

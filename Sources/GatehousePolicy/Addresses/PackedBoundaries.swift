/// A long set of numbers in little memory, for look-ups.
///
/// The boundaries (see `Boundaries`) are kept in blocks: the first one of a block whole, and the
/// distances of the others from it. Zero bits at the end that all distances of a block share are
/// left out, and each takes only as many bits as the greatest one needs. So a million IPv4 networks take some
/// 5 bytes each, and IPv6 ones 6 to 14, where plain boundaries take 8 and 32.
struct PackedBoundaries<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
  /// How many boundaries there are.
  let count: Int
  /// The first boundary of each block.
  private let firsts: [Number]
  private let blocks: [Block]
  /// The distances one after the other, lowest bit first.
  private let words: [UInt64]

  private static var blockLength: Int { 64 }

  /// The bit at which the distances of a block begin, and how they were shortened.
  private struct Block {
    private let packed: UInt64

    init(start: Int, shift: Int, width: Int) {
      packed = UInt64(start) << 16 | UInt64(shift) << 8 | UInt64(width)
    }

    var start: Int { Int(packed >> 16) }
    var shift: Int { Int(packed >> 8 & 0xFF) }
    /// How many bits each distance takes; 0 if the block has only its first boundary.
    var width: Int { Int(packed & 0xFF) }
  }

  init(_ boundaries: Boundaries<Number>) {
    let values = boundaries.values.span
    let starts = stride(from: 0, to: values.count, by: Self.blockLength)
    var firsts: [Number] = []
    var blocks: [Block] = []
    firsts.reserveCapacity(starts.underestimatedCount)
    blocks.reserveCapacity(starts.underestimatedCount)
    var length = 0
    for start in starts {
      let end = min(start + Self.blockLength, values.count)
      var used: Number = 0
      for index in start..<end { used |= values[index] - values[start] }
      let shift = used == 0 ? 0 : used.trailingZeroBitCount
      let width = used == 0 ? 0 : Number.bitWidth - shift - used.leadingZeroBitCount
      firsts.append(values[start])
      blocks.append(Block(start: length, shift: shift, width: width))
      length += (end - start - 1) * width
    }
    var words = [UInt64](repeating: 0, count: (length + 63) / 64)
    var target = words.mutableSpan
    for (number, start) in starts.enumerated() {
      let block = blocks[number]
      var position = block.start
      for index in (start + 1)..<max(start + 1, min(start + Self.blockLength, values.count)) {
        Self.write(
          (values[index] - values[start]) >> Number(block.shift), block.width, at: position, &target
        )
        position += block.width
      }
    }
    count = values.count
    self.firsts = firsts
    self.blocks = blocks
    self.words = words
  }

  /// How much memory its arrays take.
  var byteCount: Int {
    firsts.count * MemoryLayout<Number>.stride + blocks.count * MemoryLayout<Block>.stride
      + words.count * MemoryLayout<UInt64>.stride
  }

  func contains(_ number: Number) -> Bool {
    let position = firsts.span.rank(of: number)
    // Below the first boundary of all: outside.
    guard position > 0 else { return false }
    let start = (position - 1) * Self.blockLength
    let block = blocks[position - 1]
    let words = words.span
    // How many of the block's distances are not above the number's own. It may be shortened like
    // them: none of them has a bit set in the part that is cut off.
    let distance = (number - firsts[position - 1]) >> Number(block.shift)
    var low = 0
    var high = min(Self.blockLength, count - start) - 1
    while low < high {
      let middle = (low + high) / 2
      if Self.read(words, block.width, at: block.start + middle * block.width) <= distance {
        low = middle + 1
      } else {
        high = middle
      }
    }
    // The block's first boundary is one more; a block begins with an even number of boundaries
    // before it.
    return low & 1 == 0
  }

  /// The same set, plain.
  var boundaries: Boundaries<Number> {
    var values: [Number] = []
    values.reserveCapacity(count)
    let words = words.span
    for (number, block) in blocks.enumerated() {
      let first = firsts[number]
      values.append(first)
      let others = min(Self.blockLength, count - number * Self.blockLength) - 1
      for index in 0..<others {
        let distance = Self.read(words, block.width, at: block.start + index * block.width)
        values.append(first + distance << Number(block.shift))
      }
    }
    return Boundaries(values: values)
  }

  /// `value` has no bits above its width.
  private static func write(
    _ value: Number, _ width: Int, at position: Int, _ words: inout MutableSpan<UInt64>
  ) {
    var word = position / 64
    words[word] |= UInt64(truncatingIfNeeded: value) << UInt64(position % 64)
    var written = 64 - position % 64
    while written < width {
      word += 1
      words[word] = UInt64(truncatingIfNeeded: value >> Number(written))
      written += 64
    }
  }

  private static func read(_ words: Span<UInt64>, _ width: Int, at position: Int) -> Number {
    var word = position / 64
    var value = Number(truncatingIfNeeded: words[word] >> UInt64(position % 64))
    var read = 64 - position % 64
    while read < width {
      word += 1
      value |= Number(truncatingIfNeeded: words[word]) << Number(read)
      read += 64
    }
    return value & (.max >> Number(Number.bitWidth - width))
  }
}

extension Span where Element: Comparable {
  /// How many of the elements, which rise, are not above a value.
  func rank(of value: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

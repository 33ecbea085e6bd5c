/// The candidate that a misspelt word most likely means; nil if none is near.
///
/// A word is near in another case, or with at most one edit (a letter more, less or other, or two
/// swapped) for every three letters. Of equally near candidates it returns the first by name.
package func nearestName(
  to word: String, among candidates: some Sequence<String>
) -> String? {
  let letters = Array(word.utf8)
  let folded = letters.map(lowercase)
  var nearest: (distance: Int, candidate: String)?
  for candidate in candidates {
    let other = Array(candidate.utf8)
    let allowed = max(1, max(letters.count, other.count) / 3)
    // Cheap before exact: lists of candidates may be long.
    guard abs(letters.count - other.count) <= allowed else { continue }
    let distance = other.map(lowercase) == folded ? 0 : editDistance(letters, other)
    guard distance <= allowed, distance < other.count else { continue }
    if let best = nearest, best <= (distance, candidate) { continue }
    nearest = (distance, candidate)
  }
  return nearest?.candidate
}

/// Damerau-Levenshtein distance, without edits inside a swapped pair.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    for column in right.indices {
      let cost = left[row] == right[column] ? 0 : 1
      var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
      if row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column] {
        best = min(best, beforePrevious[column - 1] + 1)
      }
      current.append(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}

private func lowercase(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

internal import GatehousePlatform

/// What `transform` makes of the items, in their order and without the nils; so many are worked on
/// at once.
package func concurrentCompactMap<Item: Sendable, Result: Sendable>(
  _ items: ArraySlice<Item>, atOnce count: Int,
  _ transform: @escaping @Sendable (Item) -> Result?
) -> [Result] {
  guard count > 1, items.count > 8 else { return items.compactMap(transform) }
  let middle = items.startIndex + items.count / 2
  let (left, right) = concurrently(
    if: true, { concurrentCompactMap(items[..<middle], atOnce: count / 2, transform) },
    { concurrentCompactMap(items[middle...], atOnce: count / 2, transform) })
  return left + right
}

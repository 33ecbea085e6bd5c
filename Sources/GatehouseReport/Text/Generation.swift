/// Which policy serves: `generation 4 (0123456789ab)`, with the beginning of its digest.
func generationText(_ number: Int, _ digest: String) -> String {
  "generation \(number) (\(digest.prefix(12)))"
}

import GatehousePolicy

/// Who may log in on the console, besides root: the `local` of a policy that comes closest to the
/// rules.
///
/// `local` names users and groups, and nobody else may log in there; a policy without it allows
/// everybody. It does not tell one terminal from another, so it names those who may use all of them.
/// It allows no more than the rules, unless those allow whoever they do not name: a list of everybody
/// else cannot be written, and refusing all of them would lock the console.
struct ConsoleProof {
  /// The users, in lower case, and groups; nil if everybody may log in there.
  private(set) var members: Derivation.Members?
  /// A rule by which somebody may log in whom `local` refuses; nil if there is none.
  private(set) var lossyRule: Int?
  /// A rule by which somebody is refused whom the policy allows; nil if there is none.
  private(set) var openingRule: Int?
  /// Whether the rules tell terminals apart.
  private(set) var differ = false

  private typealias Place = (rules: [Int], proof: ClassProof)

  /// Throws `TooManyNodes` if that takes too many groups or too many nodes.
  init(_ rules: [Rule], _ numbered: NumberedRules) throws(TooManyNodes) {
    let named = rules.reduce(into: Set<Name>()) { $0.formUnion($1.terminals.names) }
    var lists: Set<[Int]> = []
    var places: [Place] = []
    for terminal in [nil] + named.sorted().map(Optional.some) {
      var matching = rules.indices.filter { rules[$0].terminals.contains(terminal) }
      if let last = matching.firstIndex(where: { rules[$0].users.isEveryone }) {
        matching.removeSubrange((last + 1)...)
      }
      guard lists.insert(matching).inserted else { continue }
      places.append((matching, try ClassProof(matching, of: numbered)))
    }
    guard places.contains(where: { !$0.proof.diagrams.holds($0.proof.decision, for: []) }) else {
      for index in places.indices where openingRule == nil {
        openingRule = try Self.rule(of: &places[index], allowing: false, [], [], numbered)
      }
      return
    }
    var users: Set<Int>?
    var groups: Set<Int>?
    for index in places.indices {
      guard let found = try Self.always(&places[index].proof, in: numbered) else { continue }
      users = users.map { $0.intersection(found.users) } ?? found.users
      groups = groups.map { $0.intersection(found.groups) } ?? found.groups
    }
    differ = places.count > 1
    guard let users, let groups else { return }
    members = Derivation.Members(
      groups: Set(groups.map { numbered.groups[$0] }), users: Set(users.map { numbered.users[$0] }))
    for index in places.indices where lossyRule == nil {
      lossyRule = try Self.rule(
        of: &places[index], allowing: true, users, groups, numbered)
    }
  }

  /// Root's number, whom no policy refuses on the console.
  private static func isRoot(_ user: Int, _ numbered: NumberedRules) -> Bool {
    numbered.users[user] == "root"
  }

  /// The users and groups that may log in whatever else they are; nil if everybody may.
  private static func always(
    _ proof: inout ClassProof, in numbered: NumberedRules
  ) throws(TooManyNodes) -> (users: Set<Int>, groups: Set<Int>)? {
    let others = proof.decisions.filter { !isRoot($0.key, numbered) }
    let conditions = Set(others.values).union([proof.decision])
    if conditions == [.always] { return nil }
    var groups: Set<Int> = []
    for (variable, names) in proof.variables.enumerated() {
      let member = try proof.diagrams.member(variable)
      var isAlways = true
      for condition in conditions where isAlways {
        isAlways = try proof.diagrams.implies(member, condition)
      }
      if isAlways { groups.formUnion(names) }
    }
    // A user whom these rules do not name is decided as anybody else.
    let all = proof.decision == .always ? Set(numbered.users.indices) : []
    let users = all.subtracting(others.filter { $0.value != .always }.keys)
      .union(others.filter { $0.value == .always }.keys)
    return (users, groups)
  }

  /// A rule of a place that allows or refuses somebody, besides root, whom these lists do not name;
  /// nil if there is none.
  private static func rule(
    of place: inout Place, allowing: Bool, _ users: Set<Int>, _ groups: Set<Int>,
    _ numbered: NumberedRules
  ) throws(TooManyNodes) -> Int? {
    let variables = Set(groups.compactMap { place.proof.variableOfGroup[$0] })
    let listed = try place.proof.diagrams.any(variables)
    for user in [nil] + place.proof.decisions.keys.sorted().map(Optional.some) {
      if let user, isRoot(user, numbered) || users.contains(user) { continue }
      var decision = user.flatMap { place.proof.decisions[$0] } ?? place.proof.decision
      if !allowing { decision = try place.proof.diagrams.not(decision) }
      let lost = try place.proof.diagrams.and(decision, place.proof.diagrams.not(listed))
      guard let witness = place.proof.diagrams.witness(of: lost) else { continue }
      let groups = Set(witness.compactMap { place.proof.variables[$0].first })
      return place.proof.decidingRule(user, groups, in: numbered) ?? place.rules.first ?? 0
    }
    return nil
  }
}

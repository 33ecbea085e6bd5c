import GatehouseControl
import GatehousePolicy
import Testing

@Suite("What --allow-lockout allows")
struct LockoutAllowanceTests {
  @Test(
    "its words are read, and written again, sorted",
    arguments: ["", "alice,bob", "all", "unjudged", "alice,all,unjudged"])
  func words(_ text: String) throws {
    let allowance = try #require(LockoutAllowance(Name(text)))
    #expect(allowance.text == Name(text))
    #expect(LockoutAllowance(allowance.text) == allowance)
  }

  @Test("`all` and `unjudged` name no user")
  func noUsers() throws {
    let allowance = try #require(LockoutAllowance("unjudged,all,bob"))
    #expect(allowance == LockoutAllowance(users: ["bob"], all: true, unjudged: true))
    #expect(allowance.allows(["carol"]))
    let unjudged = try #require(LockoutAllowance("unjudged"))
    #expect(!unjudged.allows(["carol"]))
    #expect(LockoutAllowance("bob,carol")?.allows(["carol"]) == true)
    let bob = try #require(LockoutAllowance("bob"))
    #expect(!bob.allows(["bob", "carol"]))
  }

  @Test("an empty word is none", arguments: [",", "alice,", ",bob", "alice,,bob"])
  func empty(_ text: String) { #expect(LockoutAllowance(Name(text)) == nil) }
}

export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@external", "@provides", "@shareable"])`;

/** A supergraph made by hand to meet every rule of the executor: five subgraphs around books, films and people. */
export const library: Readonly<Record<string, string>> = {
  catalog: `${LINK}
    type Query {
      book(id: ID!): Book
      books(first: Int = 2, genre: Genre): [Book!]!
      shelves: [[Item]]
      strictShelves: [[Item!]!]!
      search(text: String): [SearchResult!]
      node(id: ID!): Node
      featured: Node!
    }
    type Mutation { addBook(title: String!, genre: Genre): Book! shelve(id: ID!): [Item!] }
    interface Node { id: ID! }
    interface Item { id: ID! title: String }
    type Book implements Node & Item @key(fields: "id") {
      id: ID!
      title(upper: Boolean): String
      isbn: String!
      tags: [[String]]
      genre: Genre
      author: Person!
      sequel: Book
      dimensions: Dimensions
      pages: Int
    }
    type Film implements Node & Item @key(fields: "id") {
      id: ID!
      title: String!
      minutes(rounded: Boolean = false): Int!
      director: Person
      tags: [String!]
    }
    type Person implements Node @key(fields: "id") { id: ID! }
    type Dimensions { width: Int height: Float box: Box }
    type Box @shareable { depth: Int unit: String }
    union SearchResult = Book | Film | Person
    enum Genre { FICTION SCIENCE POETRY }`,
  people: `${LINK}
    type Query { person(id: ID!): Person people: [Person] me: Person! }
    type Mutation { hire(name: String!): Person fire(id: ID!): Person! }
    type Person @key(fields: "id") {
      id: ID!
      name(upper: Boolean): String!
      title: String
      born: Int
      friends(first: Int): [Person!]
      rivals: [[Person!]]!
      home: Address
      idol: Idol
    }
    type Address { street: String city: City! }
    type City { name: String! twin: City }
    type Film @key(fields: "id") { id: ID! }
    union Idol = Person | Film`,
  reviews: `${LINK}
    type Query { latestReviews(first: Int): [Review!]! }
    type Mutation { review(stars: Int!): Review! }
    type Review @key(fields: "id") {
      id: ID!
      text: String
      stars: Int!
      by: Person @provides(fields: "born")
      about: Subject
    }
    union Subject = Book | Film
    interface Reviewed { id: ID! rating: Float reviews(first: Int): [Review!]! }
    type Book implements Reviewed @key(fields: "id") { id: ID! rating: Float reviews(first: Int): [Review!]! }
    type Film implements Reviewed @key(fields: "id") { id: ID! rating: Float reviews(first: Int): [Review!]! }
    type Person @key(fields: "id") { id: ID! born: Int @external wrote: [Review] }`,
  stock: `${LINK}
    type Query { warehouses: [Warehouse!]! stocked: [[Book!]] }
    type Mutation { restock(book: ID!): Book }
    type Warehouse @key(fields: "id") { id: ID! place: String! box: Box @shareable }
    type Box @shareable { depth: Int unit: String }
    type Book @key(fields: "id") {
      id: ID!
      dimensions: Dimensions @external
      pages: Int @external
      tags: [[String]] @external
      shipping(zone: Int): Int @requires(fields: "dimensions { width box { depth } } pages")
      label: String! @requires(fields: "tags")
      inStock: Boolean!
      left: Int
      warehouse: Warehouse
    }
    type Dimensions @external { width: Int box: Box }`,
  prices: `${LINK}
    type Query { priced: [Priced] }
    interface Priced { id: ID! price(currency: Currency = EUR): Money discount: Float }
    type Book implements Priced @key(fields: "id") { id: ID! price(currency: Currency = EUR): Money discount: Float left: Int @external hurry: Boolean @requires(fields: "left") }
    type Film implements Priced @key(fields: "id") { id: ID! price(currency: Currency = EUR): Money discount: Float }
    type Warehouse @key(fields: "id") { id: ID! rent: Money! holds: [Book] }
    type Money { amount: Float! currency: Currency! formatted: String }
    enum Currency { EUR USD GBP }`,
};

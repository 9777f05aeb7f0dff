//! Make `src/parser.c`, and the headers that it includes, of `src/grammar.json`, as `tree-sitter generate` does.
//!
//! The program that does that is one file of GitHub's releases; this is its library, of the registry.

use std::{env, error::Error, fs, path::Path};

use tree_sitter_generate::{generate_parser_for_grammar, OptLevel, ALLOC_HEADER, ARRAY_HEADER, PARSER_HEADER};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = env::args().nth(1).ok_or("usage: tree-sitter-generate DIRECTORY")?;
    let source = Path::new(&directory).join("src");
    let grammar = fs::read_to_string(source.join("grammar.json"))?;
    let mut diagnostics = Vec::new();
    let made = generate_parser_for_grammar(&grammar, Some((0, 1, 0)), OptLevel::default(), &mut diagnostics);
    for each in &diagnostics {
        eprintln!("{each:?}");
    }
    let (_, parser) = made?;
    fs::write(source.join("parser.c"), parser)?;
    fs::create_dir_all(source.join("tree_sitter"))?;
    for (name, text) in [("alloc.h", ALLOC_HEADER), ("array.h", ARRAY_HEADER), ("parser.h", PARSER_HEADER)] {
        fs::write(source.join("tree_sitter").join(name), text)?;
    }
    Ok(())
}

"""Rule packs: what officers edit, turned into findings."""

vim.filetype.add({ extension = { agp = "agp" } })

module agpc/load

go 1.21

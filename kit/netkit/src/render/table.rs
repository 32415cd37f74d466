//! Columns of text.

/// Lines of aligned columns. The last column is not padded; no line ends in spaces.
pub fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                if *width > 0 {
                    line.push_str(&format!("{cell:width$}  "));
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let rows = [["a", "", "long cell", ""], ["bbb", "", "c", ""]];
        let rows: Vec<Vec<String>> = rows.map(|row| row.map(String::from).to_vec()).to_vec();
        assert_eq!(super::table(&rows), ["a    long cell", "bbb  c"]);
    }
}

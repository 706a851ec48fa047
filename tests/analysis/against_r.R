# Without penalties and lapse the fit is a logistic regression: 20 random studies as R's glm fits
# them, beside surd-fit.
# Rscript against_r.R SURD_FIT FOLDER; exits with 1 where a number differs by more than 1e-5.
arguments <- commandArgs(trailingOnly = TRUE)
program <- arguments[1]
folder <- arguments[2]
tolerance <- 1e-5
strict <- glm.control(epsilon = 1e-14, maxit = 200)
set.seed(20261124)

# A study whose curves are flat enough for solved and unsolved seeds to overlap, so that the maximum
# is finite.
study <- function() {
  repeat {
    lengths <- 16 * 2^(0:sample(2:6, 1))
    widths <- 8 * sqrt(2)^(0:sample(8:14, 1))
    cells <- expand.grid(length = lengths, hidden = widths)
    cells$seeds <- sample(1:8, nrow(cells), replace = TRUE)
    cells$x <- log(cells$length) - mean(log(lengths))
    kappa <- runif(1, 1.2, 4)
    needed <- log(sqrt(min(widths) * max(widths))) + runif(1, -0.2, 0.9) * cells$x
    cells$solved <- rbinom(nrow(cells), cells$seeds, plogis(kappa * (log(cells$hidden) - needed)))
    fitted <- suppressWarnings(glm(cbind(solved, seeds - solved) ~ log(hidden) + x, binomial, cells,
                                   control = strict))
    if (fitted$converged && all(abs(coef(fitted)) < 60)) {
      return(list(cells = cells, fitted = fitted))
    }
  }
}

studies <- lapply(1:20, function(i) study())
rows <- do.call(rbind, lapply(seq_along(studies), function(i) {
  cells <- studies[[i]]$cells
  data.frame(task = sprintf("study%02d", i), architecture = "standard", length = cells$length,
             hidden = sprintf("%.17g", cells$hidden), seeds = cells$seeds, solved = cells$solved)
}))
input <- file.path(folder, "against_r_input.csv")
output <- file.path(folder, "against_r_output.csv")
write.csv(rows, input, row.names = FALSE, quote = FALSE)
status <- system2(program, c("fit", "--no-penalties", "--no-lapse", "--csv", shQuote(output),
                             shQuote(input)), stdout = FALSE, stderr = FALSE)
if (status != 0) stop("surd-fit exits with ", status)
theirs <- read.csv(output)
if (nrow(theirs) != length(studies)) {
  stop("surd-fit fits ", nrow(theirs), " of ", length(studies), " studies")
}

worst <- 0
for (i in seq_along(studies)) {
  cells <- studies[[i]]$cells
  fitted <- studies[[i]]$fitted
  b <- coef(fitted)
  alpha <- unname(-b["x"] / b["log(hidden)"])
  # The profile: alpha fixed, the other two free.
  excess <- function(value) {
    fixed <- suppressWarnings(glm(cbind(solved, seeds - solved) ~ I(log(hidden) - value * x),
                                  binomial, cells, control = strict))
    deviance(fixed) - deviance(fitted) - qchisq(0.95, 1)
  }
  low <- uniroot(excess, c(alpha - 0.05, alpha), extendInt = "downX", tol = 1e-10)$root
  high <- uniroot(excess, c(alpha, alpha + 0.05), extendInt = "upX", tol = 1e-10)$root
  row <- theirs[i, ]
  expected <- c(intercept = unname(b["(Intercept)"]), log_hidden = unname(b["log(hidden)"]),
                x = unname(b["x"]),
                log_likelihood = as.numeric(logLik(fitted)), alpha = alpha, alpha_low = low,
                alpha_high = high)
  found <- c(-row$kappa * log(row$threshold), row$kappa, -row$kappa * row$alpha, row$log_likelihood,
             row$alpha, row$alpha_low_unwidened, row$alpha_high_unwidened)
  difference <- abs(found - expected)
  worst <- max(worst, difference)
  if (any(is.na(difference)) || any(difference > tolerance)) {
    cat(as.character(row$task), "differs:\n")
    print(cbind(R = expected, surd = found, difference), digits = 10)
  }
}
cat(sprintf(paste("%d studies; largest difference of a coefficient, log likelihood, exponent or",
                  "end of its interval: %.2g\n"), length(studies), worst))
quit(status = if (is.na(worst) || worst > tolerance) 1 else 0)
